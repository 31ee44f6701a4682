namespace NexusGen.Server.OpenAI;

/// <summary>
/// Whether a reply has an image, as the field <c>tool_choice</c> says: the only tool of the model generates images.
/// </summary>
internal enum ImageChoice
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>The reply has no image.</summary>
    None,

    /// <summary>The reply has an image.</summary>
    Required,
}
