using System.Text.Encodings.Web;
using System.Text.Json;

namespace NexusGen.Verification;

/// <summary>The names of the files of a case and of its written results.</summary>
internal static class CaseFiles
{
    public const string Description = "case.json";
    public const string Tensors = "tensors.safetensors";
    public const string OutputValues = "output.json";
    public const string InputPrefix = "input.";
    public const string ExpectedPrefix = "expected.";
    public const string OutputPrefix = "output.";

    /// <summary>Gets the options of JSON for human readers: indented, without escapes for Chinese.</summary>
    public static JsonSerializerOptions Readable { get; } = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };
}
