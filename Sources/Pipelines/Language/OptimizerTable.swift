/// The keys of `optimizer`, in torch's words.
enum OptimizerTable {
  static let learningRate = Field(
    required: "learning_rate", .number(.above(0)), "The learning rate before the schedule.",
    example: "1e-4", otherNames: ["lr", "base_lr", "max_lr", "peak_lr"])
  static let weightDecay = Field(
    "weight_decay", .number(.atLeast(0)), default: 0,
    "How much of each weight is added to its gradient.", otherNames: ["wd", "decay"])
  static let decoupledWeightDecay = Field(
    "weight_decay", .number(.atLeast(0)), default: 0.01,
    "The share of each weight, times the learning rate, that a step takes away.",
    otherNames: ["wd", "decay"])
  static let momentum = Field(
    "momentum", .number(NumberRange(0..<1)), default: 0,
    "How much of the last step's direction is kept.")
  static let nesterov = Field(
    "nesterov", .boolean, default: false, "Look ahead along the momentum, which it needs.")
  static let betas = Field(
    "betas", .list(of: .number(NumberRange(0..<1)), count: 2...2), default: [0.9, 0.999],
    "How slowly the means of the gradient and of its square follow.",
    otherNames: ["adam_beta1", "adam_beta2", "beta1", "beta2"])
  static let epsilon = Field(
    "eps", .number(.above(0)), default: 1e-8, "What is added to the root.",
    otherNames: ["epsilon", "adam_epsilon"])
  static let amsgrad = Field(
    "amsgrad", .boolean, default: false, "Divide by the largest mean square so far.")

  static let sgd = SectionTable(
    "sgd", "Stochastic gradient descent, as torch's SGD.",
    [learningRate.entry, momentum.entry, nesterov.entry, weightDecay.entry])
  static let adam = SectionTable(
    "adam", "Adam with weight decay in the gradient, as torch's Adam.",
    [learningRate.entry, betas.entry, epsilon.entry, weightDecay.entry, amsgrad.entry])
  static let adamw = SectionTable(
    "adamw", "Adam with weight decay beside the gradient, as torch's AdamW.",
    [learningRate.entry, betas.entry, epsilon.entry, decoupledWeightDecay.entry, amsgrad.entry])

  static let table = SectionTable(
    "optimizer", "How weights follow gradients.", rules: [.oneOf("adamw", "adam", "sgd")],
    [
      FieldEntry(
        section: "adamw", .section(adamw), "AdamW.", example: "{learning_rate: 1e-4}",
        otherNames: ["adamw_torch", "adamw_torch_fused", "adamw_hf", "adamw_8bit"]),
      FieldEntry(
        section: "adam", .section(adam), "Adam.", example: "{learning_rate: 1e-4}"),
      FieldEntry(
        section: "sgd", .section(sgd), "Stochastic gradient descent.",
        example: "{learning_rate: 1e-2}"),
    ])
}
