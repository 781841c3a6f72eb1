# ruff: noqa: E501
"""Texts as students write them, and a page that holds one."""

from __future__ import annotations

import numpy as np

from autograder.assignment import load_assignment
from autograder.pdf.proposing import propose, searched_lines
from autograder.pdf.reader import Document, Page

WANTED = load_assignment().proposals


def page_of(text: str) -> Page:
    """Return a page on which a text stands, 5 points for a character and 14 for a line."""
    boxes = []
    for row, line in enumerate(text.split("\n")):
        for column in range(len(line)):
            left, bottom = 50 + 5 * column, 700 - 14 * row
            boxes.append((left, bottom, left + 5, bottom + 10))
        boxes.append((np.nan,) * 4)
    return Page(1, text + "\n", np.array(boxes, dtype=np.float32))


def proposed(text: str) -> tuple[float | None, ...]:
    """Return what is proposed for the test's cross-entropy and accuracy."""
    return tuple(
        each.value for each in propose(searched_lines(Document("", 1, (page_of(text),))), WANTED)
    )


# (text, cross-entropy, accuracy in percent) that must be found.
STATED = [
    ("The test cross-entropy is 0.4512 and the test accuracy is 84.1%.", 0.4512, 84.1),
    (
        "On the test set, we obtained a cross-entropy of 0.4512 and an accuracy of 84.1 %.",
        0.4512,
        84.1,
    ),
    ("Test accuracy: 84.13%\nTest CE: 0.4512", 0.4512, 84.13),
    ("fCE (test) = 0.4512", 0.4512, None),
    (
        "Problem 3\nOn the test set the cross-entropy is 0.4512 and the accuracy is 84.1%.",
        0.4512,
        84.1,
    ),
    ("Part 3 (b).\nTest accuracy: 84.13%\nTest CE: 0.4512", 0.4512, 84.13),
    ("train loss 0.41, test loss 0.45", 0.45, None),
    ("Test results:\nCross-entropy: 0.4512\nPercent correct: 84.13", 0.4512, 84.13),
    ("Test loss: 4.512e-1\nTest acc: 0.8413", 0.4512, 84.13),
    ("Final results (test): CE = 0,4512; accuracy = 84,13 %", 0.4512, 84.13),
    ("Test cross entropy loss: 0.4512345678901", 0.4512345678901, None),
    ("fPC: 84.13 (test)\nfCE: 0.4512 (test)", 0.4512, 84.13),
    ("test_accuracy = 0.8413\ntest_ce = 0.4512\ntrain_accuracy = 0.8613", 0.4512, 84.13),
    ("{'test_loss': 0.4512, 'test_acc': 0.8413}", 0.4512, 84.13),
    ("Unregularized cross-entropy loss on test set: 0.4512", 0.4512, None),
    ("Percent correctly classified test images: 84.13%", None, 84.13),
    ("Training loss 0.41\nTraining accuracy 86%\nTest loss 0.45\nTest accuracy 84%", 0.45, 84.0),
    ("cross-entropy on the test data = .4512", 0.4512, None),
    ("The percentage of correctly classified examples in the test set is 84.13.", None, 84.13),
    ("The test CE is 0.4512 nats.", 0.4512, None),
    ("Test accuracy (%): 84.13", None, 84.13),
    ("On test data: loss=0.4512, acc=0.8413; on train data: loss=0.41, acc=0.86", 0.4512, 84.13),
    ("Test set: 0.4512 (CE), 84.13% (accuracy)", 0.4512, 84.13),
    ("Final Test Accuracy: 84.02%\nFinal Test Cross Entropy Loss: 0.4533", 0.4533, 84.02),
    ("Test Accuracy = 84.02\nTest fCE = 0.4533", 0.4533, 84.02),
    ("The fCE on the test set is 0.4533 and the percent correct is 84.02%", 0.4533, 84.02),
    ("Test CE loss - 0.4533, Test accuracy - 84.02%", 0.4533, 84.02),
    (
        "Cross-entropy cost on test set (unregularized): 0.4533\nPercent correctly classified: 84.02%",
        0.4533,
        None,
    ),
    ("fCE_test: 0.4533, acc_test: 84.02%", 0.4533, 84.02),
    ("Loss on test set 0.4533\nAccuracy on test set 84.02 %", 0.4533, 84.02),
    (
        "Unregularized CE on the test data: 0.4533\nPercent correct on the test data: 84.02",
        0.4533,
        84.02,
    ),
    ("Test Loss (Cross-Entropy): 0.4533", 0.4533, None),
    ("Cross-Entropy Loss (Test): 0.4533 | Accuracy (Test): 84.02%", 0.4533, 84.02),
    (
        "[Epoch 50/50] Train Loss: 0.4012 Val Loss: 0.4321\nTest Loss: 0.4533\nTest Accuracy: 84.02%",
        0.4533,
        84.02,
    ),
    ("Validation loss: 0.4321\nValidation accuracy: 85.02%\nTest loss: 0.4533", 0.4533, None),
    ("Test: loss = 0.4533, accuracy = 84.02%", 0.4533, 84.02),
    ("TEST ACCURACY: 84.02%\nTEST LOSS: 0.4533", 0.4533, 84.02),
    ("Cross Entropy (Testing): .4533\nPercent Correct (Testing): 84.02%", 0.4533, 84.02),
    ("Testing accuracy = 0.8402 and training accuracy = 0.8602", None, 84.02),
    ("Training fCE: 0.41, testing fCE: 0.4533", 0.4533, None),
    ("Training: fCE 0.41, PC 86%. Testing: fCE 0.4533, PC 84.02%.", 0.4533, 84.02),
]

# What they state may be found or not.
HARD = [
    ("We reach 84.1% accuracy on the test set.", None, 84.1),
    ("84.1% of the 10,000 test images were classified correctly.", None, 84.1),
    ("Test cross-entropy 0.4512 (84.1% correct)", 0.4512, 84.1),
    ("In 2024, test accuracy 84.1% [3].", None, 84.1),
    ("Test Accuracy: 84.13% (8413/10000)", None, 84.13),
    ("Accuracy on test set: 8413/10000 = 84.13%", None, 84.13),
    (
        "We trained for 100 epochs (mini-batch size 64, lr 0.05, alpha 1e-4), giving 0.4512 test cross-entropy and 84.1% test accuracy.",
        0.4512,
        84.1,
    ),
    ("20% of the training data is used for validation. Test accuracy is 84.1%.", None, 84.1),
    (
        "3. Results\nHyperparameter search results\n# epochs=10, lr=0.1: val acc 0.83\n# epochs=20, lr=0.1: val acc 0.84\nFinal test acc: 0.8402, CE: 0.4533",
        0.4533,
        84.02,
    ),
    (
        "The cross entropy loss for the test set is 0.4533 and percentage of correctly classified images is 84.02 percent.",
        0.4533,
        84.02,
    ),
    (
        "The model achieved an accuracy of 84.02% on the test dataset, with a cross-entropy loss of 0.4533.",
        0.4533,
        84.02,
    ),
    ("achieving a test accuracy of 84.02% (cross-entropy loss: 0.4533)", 0.4533, 84.02),
    ("mini-batch size 128, test accuracy 83.1%", None, 83.1),
    ("Learning rate: 0.5  Test loss: 0.45", 0.45, None),
    ("Percent correct on test: 84.02% (8402 out of 10000)", None, 84.02),
    ("the test set accuracy came out to 84.02 percent", None, 84.02),
    ("Training and test accuracy were 86.0% and 84.1%, respectively.", None, 84.1),
    ("Cross-entropy: 0.41 (train), 0.45 (test)", 0.45, None),
    ("Accuracy of 86.0% on training and 84.1% on test.", None, 84.1),
    ("Test CE / accuracy: 0.4512 / 84.1%", 0.4512, 84.1),
    (
        "The final unregularized test cross-entropy after 20 epochs with learning rate 0.1 and batch size 64 is 0.4512, and 84,1 % correct.",
        0.4512,
        84.1,
    ),
    ("In our run (test accuracy 84.1%) the weights look like clothes.", None, 84.1),
    ("Our final test loss and accuracy are 0.4512 and 0.8413.", 0.4512, 84.13),
    ("The best validation cross-entropy was 0.43; on the test set it was 0.4512.", 0.4512, None),
    ("accuracy on the train set 86.0% and on the test set 84.1%", None, 84.1),
    ("Our classifier labels 84.13% of the test images correctly.", None, 84.13),
    ("Test loss: 0.4512 Test accuracy: 84.13% Time: 32.1s", 0.4512, 84.13),
    ("The test set cross-entropy: 0.45±0.01", 0.45, None),
    (
        "The accuracies on the training, validation, and test sets are 86.1%, 85.0% and 84.1%.",
        None,
        84.1,
    ),
    (
        "The cross entropy on the validation set (0.44) and the test set (0.45) are close.",
        0.45,
        None,
    ),
    ("training accuracy 86.0% (test: 84.1%)", None, 84.1),
    (
        "Best hyperparameters: {'lr': 0.1, 'alpha': 0.001}\nTest set performance\nCross-entropy: 0.4533\nAccuracy: 84.02%\nTraining set performance\nCross-entropy: 0.4133\nAccuracy: 86.02%",
        0.4533,
        84.02,
    ),
    ("accuracy_test=84.02% loss_test=0.4533 accuracy_train=86.0% loss_train=0.41", 0.4533, 84.02),
    ("fPC = 84.02% fCE = 0.4533 on the testing set", 0.4533, 84.02),
    (
        "The regularized test cross-entropy is 0.512 and the unregularized test cross-entropy is 0.4512.",
        0.4512,
        None,
    ),
    ("Our test accuracy improved to 84.1%", None, 84.1),
    ("14.2 Test accuracy\n84.1%", None, 84.1),
    (
        "Test accuracy of 84.1% and test CE 0.4512 vs. training accuracy of 86.0% and CE 0.41.",
        None,
        84.1,
    ),
    ("Test accuracy: 84.1% (train 86.0%)", None, 84.1),
    (
        "We report the unregularized cross-entropy (0.4533) and the percentage of correctly classified test images (84.02%).",
        None,
        84.02,
    ),
    ("Out of 10,000 test images, 8,402 (84.02%) were classified correctly.", None, 84.02),
    ("Test accuracy: 84.02%; validation accuracy: 85.02%; gap: 1%", None, 84.02),
    (
        "cost on test set with tuned hyperparameters ε = 0.1, n˜ = 64, α = 0.01, E = 50 is 0.4533",
        0.4533,
        None,
    ),
]

# No value for the test data can be told from these for certain.
NOT_STATED = [
    "A baseline for Problem 3:\nTest accuracy: 84.13%\nTest CE: 0.4512",
    "Epoch 1/10 train loss 0.61 val loss 0.60\nEpoch 10/10 train loss 0.41 val loss 0.45",
    "A random baseline has a test accuracy of 10%.",
    "The validation accuracy is 85.2%.",
    "accuracy: 84.1%",
    "With alpha=0.1 the test accuracy is 82.0%, while with alpha=0 it is 84.1%.",
    "Test accuracy was 82.0% with a learning rate of 0.01 and 84.1% with 0.1.",
    "Using 0.1 as learning rate, test accuracy was 82.0%. Using 0.01 it was 84.1%.",
    "Accuracy: 86.0%\nTest set size: 10000",
    "Train accuracy: 86.0%\nTest: 84.1%",
    "Test error: 15.9%",
    "Test accuracy > 80%",
    "Our test accuracy improved by 12.1%",
    "Test accuracy for class 3 is 71%.",
    "Figure 3: test accuracy over 20 epochs",
    "3.1 Test accuracy",
    "Test accuracy 0.84 0.85 0.86",
    "test loss 0.45, 0.44, 0.43 for the three seeds",
    "Validation accuracy 85.0%, so we expect a test accuracy of 84%.",
    "Epoch 1: test accuracy 71.0%\nEpoch 2: test accuracy 76.0%\nEpoch 3: test accuracy 84.1%",
    "lr=0.1 test acc=84.1%\nlr=0.01 test acc=83.1%",
    "Test accuracy: 92.4%",
    "Test cross-entropy: 0.12",
    "The test accuracy is 84.1% instead of 85%.",
    "We get CE=0.41/0.45 and accuracy 86%/84% on train/test.",
    "Test Set Cross-Entropy:\n0.4512\nTest Set Accuracy:\n84.13%",
    "The test accuracy after epoch 5 is 80.2%.",
    "After 5 epochs the test accuracy is 80.2%, after 50 epochs 84.1%.",
    "My test accuracy: 84.1%, my partner's test accuracy: 83.0%",
    "The test accuracy for alpha=0.01 was 82.9%, for alpha=0.001 84.0%.",
    "Without regularization: test accuracy 83.1%\nWith regularization: test accuracy 84.0%",
    "Batch 64: test acc 83.1%\nBatch 128: test acc 84.2%",
    "alpha 0.45 test cross-entropy",
    "On the validation set the CE was 0.4321 and the accuracy 85%. The test accuracy is similar.",
    "The test accuracy was similar to the validation accuracy (85.0%).",
    "Test accuracy is slightly lower than the 86.0% training accuracy.",
    "My unregularized fCE was 0.4533 and my percent correct was 84.02%.",
    "Test cross-entropy went from 2.3026 to 0.4533.",
    "At initialization the test cross-entropy is 2.3026.",
    "Test accuracy (best of 5): 84.02%",
    "Time to evaluate test set: 0.5 s. Loss 0.45",
    "The network gets 84.02% of testing images right.",
    "The test accuracy on the first 1000 images was 82.0%.",
    "On a subset of 500 test images, the accuracy is 80%.",
    "For the shirts, the test accuracy is just 57%.",
    "The lowest test accuracy, 57.3%, is that of shirts.",
    "test accuracy: trousers 95%, shirts 57%",
    "Class 6 (shirt): test accuracy 57.3%",
    "shirt: test accuracy 57.3%",
]
