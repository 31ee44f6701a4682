using System.Text.Encodings.Web;
using System.Text.Json;

namespace NexusGen.Requests;

/// <summary>
/// The text of tool calls and their results in a history. The chat template of the model has no other place for them; the form is
/// that of Qwen2.5, from which the language model was trained.
/// </summary>
internal static class ToolText
{
    /// <summary>What is before the result of a call.</summary>
    public const string ResultStart = "<tool_response>\n";

    /// <summary>What is after the result of a call.</summary>
    public const string ResultEnd = "\n</tool_response>";

    /// <summary>Returns the text of a call.</summary>
    /// <param name="name">The name of the tool.</param>
    /// <param name="arguments">The arguments as JSON.</param>
    public static string Call(string name, string arguments) =>
        $"<tool_call>\n{{\"name\": {Quoted(name)}, \"arguments\": {arguments}}}\n</tool_call>";

    /// <summary>Writes a text as JSON, without needless escapes.</summary>
    public static string Quoted(string text) =>
        $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
