import CKernels
import Tensors

/// The scratch that one operation needs: operations run one after the other and share it.
struct Scratch {
  /// Bytes that the threads share.
  var shared = 0
  /// Bytes for each thread.
  var perThread = 0

  /// The scratch of `operation`.
  init(for operation: Operation, in program: Program) {
    let types = operation.inputs.map { program[$0].type }
    switch operation.kind {
    case .product(let rule):
      let sizes = rule.extents(types[0].shape, types[1].shape)
      perThread = Int(
        hone_product_thread_bytes(
          Int64(sizes.m), Int64(sizes.n), Int64(sizes.k), types[1].weightType))
    case .rmsNorm(let rule):
      perThread = Self.normBytes(types[1], rule.weightOffset)
    case .rmsNormGradient(let rule):
      perThread = Self.normBytes(types[1], rule.weightOffset)
    case .attention(let rule):
      shared = Self.tableBytes(types, rule)
      perThread = Int(hone_attention_thread_bytes())
    case .attentionGradient(let rule):
      shared = Self.tableBytes(types, rule.forward) + Self.gradientBytes(types, rule)
      perThread = Int(hone_attention_gradient_thread_bytes(rule.forward.dropout == nil ? 0 : 1))
    case .tokenLoss(let rule):
      let (rows, width) = (Int64(types[0].shape[0]), Int64(types[0].shape[1]))
      let vocabulary = Int64(types[1].shape[0])
      let withWeights: Int32 = rule.gradientOfWeight || rule.gradientOfBias ? 1 : 0
      shared = Int(
        hone_token_loss_shared_bytes(
          rows, width, vocabulary, rule.gradientOfHidden ? 1 : 0, withWeights))
      perThread = Int(
        hone_token_loss_thread_bytes(rows, width, vocabulary, types[1].weightType, withWeights))
    case .tokenRank:
      let width = Int64(types[0].shape[1])
      shared = Int(
        hone_token_rank_shared_bytes(
          Int64(types[0].shape[0]), width, Int64(types[1].shape[0])))
      perThread = Int(hone_token_rank_thread_bytes(width, types[1].weightType))
    case .valueLoss: shared = Int(hone_value_loss_shared_bytes(Int64(types[0].shape.count)))
    case .updatedNorms: perThread = Int(hone_updated_norms_thread_bytes())
    case .embedding, .embeddingGradient, .add, .multiply, .scale, .accumulate, .addBias,
      .columnSum, .rmsNormWeightGradient, .rotaryTable, .rotary, .activation, .activationGradient,
      .gatedActivation, .gatedActivationGradient, .dropout, .gatherRows, .scatterRows, .writeRows,
      .selectColumns, .placeColumns, .scaleColumns, .scaleColumnsGradient, .patchRows,
      .patchRowsGradient, .replaceRows, .replaceRowsGradient:
      break
    }
    shared = Self.aligned(shared)
    perThread = Self.aligned(perThread)
  }

  /// All bytes that `threads` threads need.
  func byteCount(threads: Int) -> Int { shared + threads * perThread }

  /// The places of the parts in `workspace`.
  func placed(in workspace: UnsafeMutableRawPointer) -> hone_workspace {
    let start = workspace.assumingMemoryBound(to: CChar.self)
    return hone_workspace(
      shared: start, threads: start + shared, thread_bytes: Int64(perThread))
  }

  /// The place for attention's table of biases where it cannot be read as it lies.
  private static func tableBytes(_ types: [ValueType], _ rule: Attention) -> Int {
    guard rule.relativeBias != nil else { return 0 }
    return Int(
      hone_attention_table_bytes(
        Int64(types[4].shape[0]), Int64(rule.heads), types[4].weightType))
  }

  /// The place for what the pieces of attention's gradient sum.
  private static func gradientBytes(_ types: [ValueType], _ rule: AttentionGradient) -> Int {
    let forward = rule.forward
    return Int(
      hone_attention_gradient_shared_bytes(
        Int64(forward.batch), Int64(types[0].shape[0] / forward.batch),
        Int64(types[1].shape[0] / forward.batch), Int64(forward.heads),
        Int64(forward.keyValueHeads), Int64(forward.headDimension),
        Int64(forward.relativeBias?.longest ?? 0), rule.gradientOfBias ? 1 : 0))
  }

  /// The place for a norm's weight where it cannot be read as it lies.
  private static func normBytes(_ weight: ValueType, _ offset: Float) -> Int {
    weight.dtype == .bfloat16 || offset != 0 ? 4 * weight.shape.count : 0
  }

  private static func aligned(_ byteCount: Int) -> Int {
    (byteCount + MemoryLayout.alignment - 1) / MemoryLayout.alignment * MemoryLayout.alignment
  }
}
