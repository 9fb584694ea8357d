/// Something that a value was taken from.
package enum ValueSource: Hashable, Sendable {
  /// A variable, and where its value is written.
  case variable(String, SourceSpan)
  /// A variable of a case of `matrix`, and where its value is written.
  case matrix(String, SourceSpan)
  /// A variable of the environment.
  case environment(String)
  /// What is written for a variable that the environment does not have.
  case environmentDefault(String)
}
