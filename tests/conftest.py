"""What all tests share: signals, no deadlines, a browser, what runs without --all and with it."""

import collections
import shutil
import signal

import hypothesis
import pytest

from autograder.sandbox import forked
from tests.whole import WHOLE

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("here")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Tests whose cases each take seconds: so many of them, evenly spread, run without --all.
FEW = {
    "audit/test_hostile.py::test_some_of_the_sections": 0,
    "audit/test_verdicts.py::test_a_mutant_loses_points_where_it_is_wrong_and_is_named": 0,
    "author/test_counterexamples.py::test_a_mutant_gets_a_small_counterexample_that_is_true": 1,
    "author/test_counterexamples.py::test_any_homework_has_them_without_a_word": 1,
    "author/test_training.py::test_a_right_training_passes_wherever_it_starts": 4,
    "browser/test_class_page.py::test_hostile_names_stay_text": 0,
    "browser/test_class_page.py::test_nothing_sticks_out_and_everybody_can_read_it": 0,
    "browser/test_class_page.py::test_sorting_by_every_column": 0,
    "browser/test_lookalike_page.py::test_it_can_be_read": 0,
    "browser/test_submission_pages.py::test_a_link_to_what_is_folded_unfolds_it": 0,
    "browser/test_submission_pages.py::test_what_attacked_is_there_to_read": 0,
    "frame/test_run_autograder.py::test_a_students_module_is_not_imported": 3,
    "frame/test_run_autograder.py::test_an_interrupted_set_up_is_done_again": 2,
    "frame/test_run_autograder.py::test_changed_dependencies_are_installed": 3,
    "gradebook/test_feedback.py::test_canvas_gives_each_file_to_whom_it_is_about": 0,
    "grading/test_carry.py::test_a_caller_of_a_wrong_function_gets_its_points": 2,
    "grading/test_plugin.py::test_the_same_seed_gives_the_same_report": 1,
    "grading/test_plugin.py::test_what_a_check_does_wrong_is_never_the_students_fault": 5,
    "grading/test_samples.py::test_sample": 1,
    "grading/test_tired_students.py::test_each_part_gets_what_a_careful_teacher_gives": 0,
    "grading/test_tired_students.py::test_every_check_was_judged": 0,
    "grading/test_tired_students.py::test_function": 0,
    "homework3/test_any_answer.py::test_no_answer_among_right_ones_is_the_graders_fault": 0,
    "homework3/test_any_answer.py::test_no_answer_of_all_functions_is_the_graders_fault": 0,
    "homework3/test_conventions.py::test_what_compute_jacobians_is_given_is_found_out_and_told": 1,
    "homework3/test_conventions.py::test_what_is_elsewhere_or_spelt_otherwise_is_suggested": 1,
    "homework3/test_mistakes.py::test_a_mistake_is_told_from_every_other": 30,
    "homework3/test_part_4.py::test_right_numbers_in_another_layout_keep_the_rubric_s_share": 2,
    "homework3/test_part_4.py::test_too_few_layers_are_not_taken_for_a_width_of_one": 2,
    "homework3/test_right_solutions.py::test_a_right_solution_gets_all_points": 0,
    "homework3/test_right_solutions.py::test_the_reference_gets_all_points": 1,
    "homework3/test_stand_ins.py::test_a_right_loop_is_right_with_a_gradient_in_its_own_form": 1,
    "homework3/test_training_checks.py::test_a_regularised_bias_is_paid_for_in_gradk_where_"
    "that_has_it_too": 0,
    "homework3/test_training_checks.py::test_epochs_that_are_not_passed_on_lose_in_whatever_"
    "order_they_stand": 0,
    "homework3/test_training_checks.py::test_no_rule_about_places_and_sizes_wins": 1,
    "homework3/test_training_checks.py::test_not_all_combinations_or_not_the_best_of_all_loses": 1,
    "homework3/test_training_checks.py::test_one_example_that_is_left_out_costs_half_a_point": 0,
    "homework3/test_training_checks.py::test_starts_that_are_new_at_every_call_and_sizes_"
    "written_in_cost_nothing": 1,
    "homework3/test_training_checks.py::test_what_is_no_sgd_fails_and_is_named_if_it_can_be": 1,
    "homework3/test_training_sentences.py::test_a_count_that_ends_at_the_first_miss_is_no_"
    "share_of_right_predictions": 1,
    "homework3/test_training_sentences.py::test_a_mistake_in_alpha_in_all_batches_alike_is_"
    "paid_once": 1,
    "homework3/test_training_sentences.py::test_a_step_that_changes_from_epoch_to_epoch_is_no_"
    "matter_of_which_examples": 1,
    "homework3/test_training_sentences.py::test_all_epochs_of_a_mini_batch_before_the_next_"
    "lose_their_steps_alone": 1,
    "homework3/test_training_sentences.py::test_alpha_that_is_weaker_in_mini_batches_loses_"
    "where_alpha_is_judged": 1,
    "homework3/test_training_sentences.py::test_not_every_combination_loses": 1,
    "homework3/test_training_sentences.py::test_one_key_at_a_time_loses_and_is_asked_for_all_"
    "combinations": 1,
    "homework3/test_training_sentences.py::test_what_is_asked_of_a_choice_that_data_don_t_"
    "change_covers_its_causes": 1,
    "homework3/test_true_sentences.py::test_a_denominator_that_is_not_that_of_the_handout_is_"
    "named": 1,
    "homework3/test_true_sentences.py::test_a_gradient_that_is_cut_off_is_named_and_keeps_half": 1,
    "homework3/test_true_sentences.py::test_a_loop_that_ends_at_the_first_miss_uses_no_fixed_"
    "number": 1,
    "homework3/test_true_sentences.py::test_a_penalty_that_is_an_array_costs_what_alpha_is_"
    "worth": 1,
    "homework3/test_true_sentences.py::test_central_differences_get_all_points": 1,
    "homework3/test_true_sentences.py::test_forward_differences_lose_half_of_one_check": 1,
    "homework3/test_true_sentences.py::test_overflow_is_named_where_it_is_seen": 1,
    "homework3/test_true_sentences.py::test_right_for_few_layers_only_is_said_in_a_fixed_"
    "sentence": 1,
    "homework3/test_true_sentences.py::test_weights_after_a_step_are_told_as_that": 1,
    "homework3/test_true_sentences.py::test_what_is_returned_beside_the_list_of_all_z_costs_"
    "nothing": 1,
    "homework3/test_values.py::test_what_the_handout_leaves_open_costs_nothing": 2,
    "homework3/test_wrong_solutions.py::test_a_mistake_costs_points_where_it_is_and_is_named": 0,
    "intake/test_notebook_memory.py::test_the_largest_that_is_read_takes_less_than_two_hundred_"
    "mebibytes": 1,
    "lookalikes/test_statements.py::test_text_without_end_is_read_in_part": 5,
    "packaging/test_gradescope_zip.py::test_it_grades_with_nothing_else": 1,
    "packaging/test_recording.py::test_a_student_s_first_verdict": 0,
    "packaging/test_recording.py::test_every_sample_and_mutant_gets_the_verdict_of_a_whole_run": 0,
    "packaging/test_recording.py::test_the_same_files_make_the_same_kit": 1,
    "packaging/test_student_kit.py::test_verdicts_and_words_are_those_of_the_grader": 0,
    "packaging/test_student_kit.py::test_without_what_only_posix_has": 0,
    "pdf/test_bounds.py::test_no_more_lines_are_searched_than_a_report_has": 1,
    "pdf/test_documents.py::test_a_document_gives_what_it_states_or_nothing": 10,
    "pdf/test_documents.py::test_an_attack_costs_its_own_pdf_only": 1,
    "pdf/test_documents.py::test_every_level_reads_the_same": 1,
    "pdf/test_engines.py::test_what_a_browser_prints_is_read": 2,
    "render/test_results_json.py::test_the_file_is_small_whatever_they_print": 1,
    "review/test_page.py::test_everybody_can_read_it": 0,
    "sandbox/test_cost.py::test_what_a_large_file_holds_is_told_in_part_and_no_tampering": 1,
    "sandbox/test_fuzz.py::test_a_guest_that_sends_without_end_is_stopped": 0,
    "sandbox/test_killed.py::test_a_call_during_which_the_guest_is_killed_is_made_again": 1,
    "sandbox/test_killed.py::test_a_death_that_the_code_does_not_tell_of_is_its_own_all_the_"
    "same": 1,
    "sandbox/test_killed.py::test_a_file_during_whose_loading_the_guest_is_killed_is_loaded_"
    "again": 1,
    "sandbox/test_killed.py::test_a_function_that_ends_its_own_process_is_not_called_again": 1,
    "sandbox/test_killed.py::test_what_is_killed_every_time_is_a_fault_of_the_graders": 1,
    "sandbox/test_killed.py::test_what_is_killed_in_the_same_call_every_time_is_its_codes_own_"
    "doing": 1,
    "sandbox/test_portability.py::test_check_runs_without_what_only_posix_has": 1,
    "sandbox/test_session.py::test_a_guest_that_ends_by_itself_leaves_no_zombie_of_bubblewrap": 0,
    "sandbox/test_session.py::test_a_statement_that_misbehaves_is_skipped_and_the_rest_loads": 1,
    "sandbox/test_session.py::test_every_limit_binds_and_names_itself": 5,
    "sandbox/test_session.py::test_memory_of_children_counts": 1,
    "sandbox/test_session.py::test_memory_that_a_program_shares_with_its_children_counts_once": 1,
    "sandbox/test_substitutes.py::test_it_works_as_people_use_it": 10,
    "sandbox/test_walls.py::test_a_neighbour_that_burns_costs_nobody_a_call": 0,
    "sandbox/test_wire.py::test_a_reply_has_few_values": 1,
    "test_batch.py::test_every_submission_gets_its_result_in_order": 1,
    "test_batch.py::test_what_breaks_the_grader_costs_nobody_else_anything": 0,
    "test_cluster.py::test_a_cluster_without_workers_is_told": 0,
    "test_cluster.py::test_a_worker_of_another_version_is_refused_by_name": 0,
    "test_docs.py::test_commands_print_what_is_shown": 1,
    "test_leftovers.py::test_ctrl_c_twice_ends_at_once": 2,
    "test_leftovers.py::test_processes_end_with_their_coordinator": 1,
    "test_machine_trouble.py::test_what_comes_again_stops_the_run_and_what_passes_costs_nothing": 1,
    "test_resume.py::test_a_folder_is_listed_a_few_times_and_each_file_read_once": 1,
    "test_resume.py::test_a_result_that_can_not_be_is_made_again_with_a_word": 4,
    "test_resume.py::test_a_score_that_is_no_number": 2,
    "test_resume.py::test_what_is_missing_or_another_s_is_made_again": 2,
    "test_start.py::test_a_limit_of_memory_that_is_too_small": 2,
    "test_whose_points.py::test_the_pdf_is_missing_the_second_time": 2,
}

# Tests whose many cases each take long and are much alike: with --all each so many-th of them runs,
# and all of them with WHOLE=1 in the environment.
SHARES = {
    "audit/test_hostile.py::test_some_of_the_sections": 4,
    "author/test_counterexamples.py::test_a_mutant_gets_a_small_counterexample_that_is_true": 3,
    "author/test_counterexamples.py::test_a_right_solution_in_another_style_is_told_nothing": 9,
    "browser/test_class_page.py::test_nothing_sticks_out_and_everybody_can_read_it": 2,
    "browser/test_lookalike_page.py::test_it_can_be_read": 2,
    "grading/test_samples.py::test_sample": 12,
    "grading/test_tired_students.py::test_function": 6,
    "homework3/test_any_answer.py::test_no_answer_among_right_ones_is_the_graders_fault": 8,
    "homework3/test_any_answer.py::test_no_answer_of_all_functions_is_the_graders_fault": 8,
    "homework3/test_mistakes.py::test_a_mistake_is_told_from_every_other": 4,
    "homework3/test_part_4.py::test_right_numbers_in_another_layout_keep_the_rubric_s_share": 2,
    "homework3/test_right_solutions.py::test_a_right_solution_gets_all_points": 10,
    "homework3/test_training_checks.py::test_epochs_that_are_not_passed_on_lose_in_whatever_"
    "order_they_stand": 2,
    "homework3/test_training_checks.py::test_every_right_way_to_train_is_right": 12,
    "homework3/test_training_checks.py::test_no_rule_about_places_and_sizes_wins": 2,
    "homework3/test_training_checks.py::test_not_all_combinations_or_not_the_best_of_all_loses": 2,
    "homework3/test_training_checks.py::test_starts_that_are_new_at_every_call_and_sizes_written_"
    "in_cost_nothing": 3,
    "homework3/test_training_checks.py::test_what_is_no_sgd_fails_and_is_named_if_it_can_be": 4,
    "homework3/test_training_sentences.py::test_all_epochs_of_a_mini_batch_before_the_next_lose_"
    "their_steps_alone": 3,
    "homework3/test_training_sentences.py::test_alpha_that_is_weaker_in_mini_batches_loses_where_"
    "alpha_is_judged": 3,
    "homework3/test_training_sentences.py::test_not_every_combination_loses": 3,
    "homework3/test_training_sentences.py::test_one_key_at_a_time_loses_and_is_asked_for_all_"
    "combinations": 3,
    "homework3/test_true_sentences.py::test_a_gradient_that_is_cut_off_is_named_and_keeps_half": 2,
    "homework3/test_true_sentences.py::test_weights_after_a_step_are_told_as_that": 3,
    "homework3/test_values.py::test_what_the_handout_leaves_open_costs_nothing": 2,
    "homework3/test_wrong_solutions.py::test_a_mistake_costs_points_where_it_is_and_is_named": 32,
    "intake/test_notebook_memory.py::test_the_largest_that_is_read_takes_less_than_two_hundred_"
    "mebibytes": 2,
    "lookalikes/test_statements.py::test_text_without_end_is_read_in_part": 2,
    "packaging/test_student_kit.py::test_verdicts_and_words_are_those_of_a_whole_run": 24,
    "packaging/test_student_kit.py::test_verdicts_and_words_are_those_of_the_grader": 2,
    "pdf/test_documents.py::test_a_document_gives_what_it_states_or_nothing": 2,
    "pdf/test_engines.py::test_no_plot_has_a_result_in_it": 12,
    "render/test_results_json.py::test_the_file_is_small_whatever_they_print": 2,
    "review/test_page.py::test_everybody_can_read_it": 2,
    "sandbox/test_cost.py::test_what_a_large_file_holds_is_told_in_part_and_no_tampering": 2,
    "sandbox/test_killed.py::test_a_call_during_which_the_guest_is_killed_is_made_again": 2,
    "sandbox/test_killed.py::test_a_function_that_ends_its_own_process_is_not_called_again": 2,
    "sandbox/test_portability.py::test_check_runs_without_what_only_posix_has": 3,
    "sandbox/test_session.py::test_every_limit_binds_and_names_itself": 2,
    "test_leftovers.py::test_processes_end_with_their_coordinator": 2,
}

# Files of which every second test is a slow one: each takes long, and they resemble each other.
HALVED = (
    *("homework3/test_values.py", "homework3/test_part_4.py", "test_whose_points.py"),
    *("author/test_counterexamples.py", "frame/test_run_autograder.py", "grading/test_plugin.py"),
    *("lookalikes/test_folder.py", "pdf/test_folder.py", "test_one_class.py"),
    *("lookalikes/test_comparing.py", "render/test_terminal.py", "test_cli.py", "test_start.py"),
    *("sandbox/test_session.py", "sandbox/test_walls.py", "test_batch.py", "test_parallel.py"),
    *("homework3/test_training_sentences.py", "homework3/test_true_sentences.py"),
    *("test_machine_trouble.py", "test_resume.py", "sandbox/test_killed.py"),
)

# Files that take long: they are begun first, so that no worker is left alone with one.
LONG = (
    *("gradescope/test_in_container.py", "audit/test_hostile.py", "test_kills.py"),
    *("test_class.py", "test_docs.py", "sandbox/test_forked.py", "packaging/test_student_kit.py"),
    *("frame/test_run_autograder.py", "browser/test_submission_pages.py"),
    *("browser/test_class_page.py", "author/test_counterexamples.py", "sandbox/test_session.py"),
    *("test_batch.py", "test_cli.py"),
    *("homework3/test_training_checks.py", "homework3/test_values.py", "test_cluster.py"),
    *("test_demo.py", "test_examples.py", "test_durability.py", "packaging/test_other_places.py"),
    *("packaging/test_recording.py", "test_leftovers.py", "review/test_page.py"),
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark as slow what `FEW` leaves out of its tests, and leave out what `SHARES` does.

    Those that are slow anyway don't count as the few.
    """
    places = {f"tests/{name}": place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(LONG)))
    cases = collections.defaultdict(list)
    for item in items:
        if item.get_closest_marker("slow") is None:
            cases[_test_of(item)].append(item)
    for name, few in FEW.items():
        listed = cases[name]
        kept = {round(i * len(listed) / few) for i in range(few)}
        for number, item in enumerate(listed):
            if number not in kept:
                item.add_marker(pytest.mark.slow)
    for name in HALVED:
        listed = [
            item
            for item in items
            if item.nodeid.partition("::")[0] == f"tests/{name}"
            and item.get_closest_marker("slow") is None
        ]
        for item in listed[1::2]:
            item.add_marker(pytest.mark.slow)
    if not WHOLE:
        left_out = {item for name in SHARES for item in _beyond_share(items, name)}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _test_of(item: pytest.Item) -> str:
    """Return the test that a case is of, as the tables above call it."""
    return item.nodeid.partition("[")[0].removeprefix("tests/")


def _beyond_share(items: list[pytest.Item], name: str) -> list[pytest.Item]:
    """Return the slow cases of a test that do not run."""
    slow = [
        item
        for item in items
        if _test_of(item) == name and item.get_closest_marker("slow") is not None
    ]
    return [item for number, item in enumerate(slow) if number % SHARES[name]]


def pytest_configure() -> None:
    """Let child processes be interrupted even where the tests themselves run in the background.

    A shell without job control starts such commands with SIGINT ignored, and that is inherited.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _server():
    """Guests are forked from the first one on, as they are in the middle of a class."""
    forked.is_worth_a_server()


@pytest.fixture(autouse=True, scope="session")
def _state(tmp_path_factory):
    """What `check` keeps of the last time is not looked for in, or written to, a user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="module")
def browser():
    """Chromium of the system, by way of playwright; its processes end with the file of tests."""
    api = pytest.importorskip(
        "playwright.sync_api", reason='needs playwright: pip install "autograder[dev]"'
    )
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("needs a browser: install chromium (Debian: apt-get install chromium)")
    with api.sync_playwright() as playwright:
        # A container's root has no sandbox of its own to give; the pages are our own.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()
