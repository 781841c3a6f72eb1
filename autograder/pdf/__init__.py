"""The PDF that is handed in beside the code: read in a confined process, proposed for by hand."""
