import JSONSyntax
import Planning
import Testing

/// A plan pins the chat template that its rows were written by.
@Suite struct ChatTemplateIdentityTests {
  private let rows = """
    {"m": [{"role": "user", "content": "the cat"}, {"role": "assistant", "content": "sat"}]}

    """

  private func plan(_ template: String?, columns: String = "{messages: m}") throws -> Plan {
    let place = try PreviewPlace(template: template)
    return try place.run(
      "columns: \(columns)", rows: columns == "{messages: m}" ? rows : "{\"text\": \"the cat\"}\n"
    ).plan
  }

  @Test func anotherTemplateIsAnotherPlanAndIsNamed() throws {
    let before = try plan(PreviewPlace.template)
    // A comment writes no other text; the plan still says that the template is another.
    let after = try plan("{# changed #}" + PreviewPlace.template)
    #expect(before.model.chatTemplateIdentity?.count == 64)
    #expect(before.model.chatTemplateIdentity != after.model.chatTemplateIdentity)
    #expect(before.model.tokenizerIdentity == after.model.tokenizerIdentity)
    #expect(before.data.map(\.identity) == after.data.map(\.identity))
    let found = PlanComparison(from: before.json, to: after.json).causes.map(\.path)
    #expect(found.contains("model.chat_template_sha256"))
    #expect(!found.contains("model.tokenizer_sha256"))
    #expect(before.identity != after.identity)
    #expect(
      before.json["model"]?["chat_template_sha256"]?.string == before.model.chatTemplateIdentity)
  }

  @Test func aModelWithoutATemplateHasNoneToPin() throws {
    let plan = try plan(nil, columns: "{text: text}")
    #expect(plan.model.chatTemplateIdentity == nil)
    #expect(plan.json["model"]?["chat_template_sha256"] == .null)
  }
}
