// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is compiled with: no warning survives, imports stay internal.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
]

/// A module of ours, with the imports that docs/architecture.md allows it.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one module; a `Fixtures` folder beside them holds files that they read in place.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], hasFixtures: Bool = false
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: hasFixtures ? ["Fixtures"] : [],
    swiftSettings: strict)
}

/// A library of Debian's, behind one target.
func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
  name: "hone",
  products: [.executable(name: "hone", targets: ["hone"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    system("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    system("CJansson", pkgConfig: "jansson", apt: "libjansson-dev"),
    system("CPCRE2", pkgConfig: "libpcre2-8", apt: "libpcre2-dev"),
    system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    system("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev"),
    .target(
      name: "CKernels", dependencies: ["COpenBLAS"],
      cSettings: [.unsafeFlags(["-O3", "-ffp-contract=fast", "-Wall", "-Werror"])]),

    module("Randomness"),
    module("JSONSyntax", ["CJansson"]),
    module("RegularExpressions", ["CPCRE2"]),
    module("Diagnostics", ["JSONSyntax"]),
    module("YAMLSyntax", ["Diagnostics", "CYAML"]),
    module("Pipelines", ["Diagnostics", "YAMLSyntax", "JSONSyntax"]),
    module("Tensors", ["Randomness"]),
    module("ReferenceBackend", ["Tensors", "Randomness"]),
    module("CPUBackend", ["Tensors", "Randomness", "COpenBLAS", "CKernels"]),
    module("Artifacts", ["Diagnostics", "JSONSyntax", "Tensors", "CCrypto"]),
    module("Tokenizers", ["Diagnostics", "JSONSyntax", "RegularExpressions"]),
    module("Datasets", ["Diagnostics", "JSONSyntax", "Randomness", "Tokenizers"]),
    module("Models", ["Tensors", "Randomness", "JSONSyntax", "RegularExpressions"]),
    module("Training", ["Tensors", "Randomness"]),
    module(
      "Planning",
      [
        "Diagnostics", "JSONSyntax", "Pipelines", "Tensors", "Models", "Artifacts", "Tokenizers",
        "Datasets", "Training",
      ]),
    module(
      "Execution",
      [
        "Diagnostics", "JSONSyntax", "Randomness", "Pipelines", "Tensors", "Models", "Artifacts",
        "Tokenizers", "Datasets", "Training", "Planning",
      ]),
    .executableTarget(
      name: "hone",
      dependencies: [
        "Diagnostics", "JSONSyntax", "Pipelines", "Planning", "Execution", "Artifacts",
        "Tokenizers", "Datasets", "Models", "Tensors", "ReferenceBackend", "CPUBackend",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .target(
      name: "BackendConformance", dependencies: ["Tensors", "Randomness"],
      path: "Tests/BackendConformance", swiftSettings: strict),
    .target(
      name: "SchemaChecker", dependencies: ["JSONSyntax", "RegularExpressions"],
      path: "Tests/SchemaChecker", swiftSettings: strict),
    tests("TensorsTests", ["Tensors", "Randomness", "ReferenceBackend"]),
    tests("BackendTests", ["BackendConformance", "Tensors", "ReferenceBackend", "CPUBackend"]),
    tests(
      "ModelsTests",
      [
        "Models", "Tensors", "Randomness", "Artifacts", "JSONSyntax", "Training",
        "ReferenceBackend", "CPUBackend",
      ]),
  ]
)
