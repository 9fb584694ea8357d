import Diagnostics

extension PairProblem {
  /// The error as the user reads it.
  var diagnostic: Diagnostic {
    switch self {
    case .counts(let source, let sourceCount, let target, let targetCount, let unit):
      Diagnostic(
        .error, .unpairedFiles,
        "`\(source)` has \(sourceCount) \(unit) and `\(target)` \(targetCount)",
        help: "they are read side by side: each of the one belongs to the one of its number in the "
          + "other")
    case .names(let source, let target, let place, let targetPlace):
      Diagnostic(
        .error, .unpairedFiles,
        "the record `\(DatasetError.excerpt(source))` stands beside "
          + "`\(DatasetError.excerpt(target))`", at: place.span,
        help: "bring the records of both files into one order, under the same names",
        notes: [Diagnostic.Note("the other record is here", at: targetPlace.span)])
    case .noSharedSample(let source, let sourceSample, let target, let targetSample):
      Diagnostic(
        .error, .unpairedFiles, "`\(source)` and `\(target)` have no sample in common",
        help: Self.samples(source, sourceSample, target, targetSample)
          ?? "rows are matched by the names in their first columns")
    case .repeatedSample(let name, let place, let first):
      Diagnostic(
        .error, .unpairedFiles, "the sample `\(DatasetError.excerpt(name))` stands twice",
        at: place.span, help: "keep one of the two rows, or give them names of their own",
        notes: [Diagnostic.Note("it stands here first", at: first.span)])
    case .format(let format, let path):
      Diagnostic(
        .error, .unknownFormat,
        "`\(path)` is \(format.rawValue), which is not read in pairs",
        help: "pairs are two text files line by line, two of fasta, or two matrices of csv or tsv; "
          + "rows of other formats hold both sides in one file")
    case .shape(let task, let needsPair):
      Diagnostic(
        .error, .conflictingKeys,
        needsPair
          ? "`task: \(task)` needs two matrices" : "`task: \(task)` does not take two matrices",
        help: needsPair
          ? "name them as `load: {source: …, target: …}`" : "name one file, with all columns in it")
    }
  }

  private static func samples(
    _ source: String, _ sourceSample: String?, _ target: String, _ targetSample: String?
  ) -> String? {
    guard let sourceSample, let targetSample else { return nil }
    return "rows are matched by their first columns, which begin with "
      + "`\(DatasetError.excerpt(sourceSample))` and `\(DatasetError.excerpt(targetSample))`"
  }
}

extension NumberProblem {
  /// The finding about what stands in a column.
  func message(_ text: String, _ column: String) -> String {
    switch self {
    case .notANumber: "column `\(DatasetError.excerpt(column))` holds `\(text)` where a number is"
    case .missing: "column `\(DatasetError.excerpt(column))` has no number"
    case .tooLarge: "column `\(DatasetError.excerpt(column))` holds `\(text)`, beyond 32-bit floats"
    case .belowLogarithm:
      "column `\(DatasetError.excerpt(column))` holds `\(text)`, of which `log1p` is not a number"
    }
  }

  /// The way out.
  var help: String {
    switch self {
    case .notANumber: "write `1.5` or `-2e-3`; what is missing is left empty or `NA`"
    case .missing: "what is given must be whole: fill the gap, or take the row or column out"
    case .tooLarge: "scale the column"
    case .belowLogarithm: "numbers must be above -1, or say `none` in `transform`"
    }
  }
}
