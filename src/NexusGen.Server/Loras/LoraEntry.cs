namespace NexusGen.Server.Loras;

/// <summary>A LoRA of the folder.</summary>
/// <param name="Name">The name.</param>
/// <param name="Path">The real path of the file, or of the folder of an adapter.</param>
/// <param name="Stamp">When it was written, and its length: a file that was replaced is another one.</param>
internal sealed record LoraEntry(string Name, string Path, (DateTime Written, long Length) Stamp)
{
    /// <summary>Gets whether it changes the language model and the vision encoder; otherwise, it changes the decoders.</summary>
    public bool IsForLanguageModel { get; init; }

    /// <summary>Gets what it changes, as responses say it.</summary>
    public string AppliesTo => IsForLanguageModel ? "language_model" : "decoders";

    /// <summary>Gets why it can't be used, in a sentence without its folder, or null.</summary>
    public string? Problem { get; init; }
}
