import Randomness
import Tensors

/// Random programs over matrices of a few shapes: operations that merge, results read late or never.
struct RandomProgram {
  let seed: UInt64

  func program() throws(ProgramError) -> Program {
    let stream = RandomStream(seed: seed, name: "program")
    var drawn = 0
    func draw(_ limit: Int) -> Int {
      drawn += 1
      return Int(stream.uniform(element: drawn) * Float(limit))
    }
    var b = ProgramBuilder()
    let shapes = [Shape(4, 4), Shape(8, 4), Shape(4, 8), Shape(8, 8)]
    var values = shapes.enumerated().map { b.value(.input("x\($0.offset)"), ValueType($0.element)) }
    for _ in 0..<(10 + draw(60)) {
      let a = values[max(0, values.count - 1 - draw(8))]
      let shape = b.program[a].shape
      let peers = values.filter { b.program[$0].shape == shape }
      let other = peers[draw(peers.count)]
      switch draw(8) {
      case 0: values += try b.append(.add(Add()), [a, other])
      case 1: values += try b.append(.multiply(Multiply()), [a, other])
      case 2: values += try b.append(.scale(Scale(2)), [a])
      case 3:
        values += try b.append(.gatedActivation(GatedActivation(.silu)), [a, other])
      case 4:
        let third = peers[draw(peers.count)]
        values += try b.append(
          .gatedActivationGradient(GatedActivationGradient(.silu)), [a, other, third])
      case 5:
        let right = values.filter { b.program[$0].shape[0] == shape[1] }
        let factor = right[draw(right.count)]
        let result = Shape(shape[0], b.program[factor].shape[1])
        let addends = values.filter { b.program[$0].shape == result }
        let addend = addends.isEmpty || draw(2) == 0 ? [] : [addends[draw(addends.count)]]
        values += try b.append(.product(Product()), [a, factor] + addend)
      case 6:
        let w = b.value(.frozen("w\(shape[1])"), ValueType(Shape(shape[1])))
        values.append(try b.append(.rmsNorm(RMSNorm(epsilon: 1)), [a, w])[0])
      default: values += try b.append(.dropout(Dropout(rate: 0.5, stream: "d")), [a])
      }
    }
    for _ in 0...draw(3) { b.output("y\(drawn)", values[draw(values.count)]) }
    return draw(2) == 0 ? b.program : b.program.removingDeadOperations()
  }
}
