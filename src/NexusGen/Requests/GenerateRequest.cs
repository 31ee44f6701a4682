using NexusGen.Core;

namespace NexusGen.Requests;

/// <summary>A description to draw.</summary>
/// <param name="Description">The text, without the template that tells the model to draw.</param>
public sealed record GenerateRequest(string Description)
{
    /// <summary>The language of the template.</summary>
    public Language Language { get; init; }

    /// <summary>How the reply is written.</summary>
    public ReplySettings Reply { get; init; } = new();

    /// <summary>How its pictures are painted.</summary>
    public PictureSettings Picture { get; init; } = new();
}
