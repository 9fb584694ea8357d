/// How the decoder's inputs follow from the labels: one place to the right, behind a first token.
package struct LabelShift: Hashable, Sendable {
  /// What stands before the first label.
  package enum First: Hashable, Sendable {
    /// This token: `decoder_start_token_id`.
    case token(Int)
    /// The last label that is no padding, which names the language: mBART.
    case lastToken
  }

  package var first: First
  /// What stands in the inputs for a label without loss.
  package var paddingTokenID: Int

  package init(first: First, paddingTokenID: Int) {
    self.first = first
    self.paddingTokenID = paddingTokenID
  }

  /// The decoder's inputs for one row of `labels`, none of them padding.
  ///
  /// Source: transformers, `shift_tokens_right` of BART and mBART, `_shift_right` of T5.
  package func inputs(for labels: [Int32]) -> [Int32] {
    let first: Int32? =
      switch self.first {
      case .token(let id): Int32(exactly: id)
      case .lastToken: labels.last
      }
    guard let first, !labels.isEmpty else { return [] }
    return [first] + labels.dropLast()
  }
}

/// The two stacks of an encoder–decoder, and what starts its decoder.
struct EncoderDecoder {
  var encoder: StackDescription
  var decoder: StackDescription
  var shift: LabelShift

  /// Changes what is alike in both stacks.
  mutating func changeBoth(_ change: (inout StackDescription) -> Void) {
    change(&encoder)
    change(&decoder)
  }
}
