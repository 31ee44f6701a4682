using NexusGen.Core;

namespace NexusGen.Requests;

/// <summary>A request to generate an image from a description.</summary>
/// <param name="Description">The description, without the template that instructs the model to generate an image.</param>
public sealed record GenerateRequest(string Description)
{
    /// <summary>Gets the language of the template.</summary>
    public Language Language { get; init; }

    /// <summary>Gets how the reply is generated.</summary>
    public ReplySettings Reply { get; init; } = new();

    /// <summary>Gets how the images of the reply are decoded.</summary>
    public ImageSettings Settings { get; init; } = new();
}
