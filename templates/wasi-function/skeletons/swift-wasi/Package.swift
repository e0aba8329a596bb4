// swift-tools-version: 6.1
// For editors and `swift test`: the module is compiled without it, as the workflow does.
import PackageDescription

let package = Package(
  name: "Function",
  targets: [
    .target(name: "Function", path: "Sources", exclude: ["WASI.swift", "runtime.c"]),
    .testTarget(name: "FunctionTests", dependencies: ["Function"], path: "Tests"),
  ]
)
