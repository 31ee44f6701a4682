using System.Text.Json.Nodes;
using NexusGen.Text;

namespace NexusGen.Verification;

/// <summary>Cases of text: the tokenizers and the chat template.</summary>
internal static class TextCases
{
    // The number of tokens to which the reference truncates the texts of T5.
    private const int T5Length = 64;

    public static CaseOutput Tokenize(ReferenceCase reference, ReferenceModels models)
    {
        string name = reference.Value<string>("tokenizer");
        string[] texts = reference.Value<string[]>("texts");
        var output = new CaseOutput();
        switch (name)
        {
            case "clip":
                ClipTokenizer clip = models.Tokenizer(name, ClipTokenizer.Load);
                return output.Add("ids", Lists(texts.Select(text => clip.Encode(text))));
            case "t5":
                T5Tokenizer t5 = models.Tokenizer(name, T5Tokenizer.Load);
                return output.Add("ids", Lists(texts.Select(text => t5.Encode(text, T5Length, pad: false))));
            default:
                QwenTokenizer qwen = models.Tokenizer(name, QwenTokenizer.Load);
                int[][] ids = [.. texts.Select(qwen.Encode)];
                return output
                    .Add("ids", Lists(ids))
                    .Add("decoded", new JsonArray([.. ids.Select(row => JsonValue.Create(qwen.Decode(row)))]));
        }
    }

    public static CaseOutput Template(ReferenceCase reference, ReferenceModels models)
    {
        ChatMessage[] messages = [.. reference.Input["messages"]!.AsArray().Select(Message)];
        PromptText text = ChatTemplate.Render(messages, reference.Value("add_generation_prompt", false));
        return new CaseOutput().Add("text", text.ToString());
    }

    private static ChatMessage Message(JsonNode? json)
    {
        ContentPart[] parts = json!["content"] is JsonArray content
            ? [.. content.Select(part => (string?)part!["type"] == "text" ? (ContentPart)(string)part["text"]! : new ImagePart())]
            : [(string)json["content"]!];
        return new ChatMessage((string)json["role"]!, parts);
    }

    private static JsonArray Lists(IEnumerable<IReadOnlyList<int>> rows) =>
        new([.. rows.Select(row => new JsonArray([.. row.Select(id => JsonValue.Create(id))]))]);
}
