/// Findings in labels, and in files that belong together.
extension DiagnosticExplanation {
  static let unknownLabel = DiagnosticExplanation(
    "a row has a label that the model does not know",
    """
    The labels are those of `labels` in `model`, else those of the model that is loaded, else those
    that the rows have. A row with another one cannot be learned from or measured: correct the
    label, or name it.
    """)

  static let unpairedFiles = DiagnosticExplanation(
    "two files do not belong together",
    """
    The two files of `load: {source: …, target: …}` are read side by side: text by lines, fasta by
    records under the same names, matrices by the names in their first columns. Their numbers of
    lines differ, the records have other names, a sample stands twice, or they have none in common.
    """)

  static let unpairedRows = DiagnosticExplanation(
    "some samples stand in one of two matrices only",
    """
    Rows of two matrices are matched by the names in their first columns. Those that the other
    matrix does not have are left out of training and of measuring.
    """, warning: .whenPlanning)

  static let unlikeRows = DiagnosticExplanation(
    "rows that are used together do not hold the same",
    """
    Sections that are mixed, or of which one is trained and another measured on, must have the same
    labels, and matrices the same columns. The order of a matrix's columns does not matter, their
    names do.
    """)
}
