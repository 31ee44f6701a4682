using NexusGen.Server.Requests;

namespace NexusGen.Server.Studio;

/// <summary>What the studio's page asks for: the reply to a conversation.</summary>
internal sealed record StudioRequest
{
    /// <summary>The conversation; its last message is the user's.</summary>
    public IReadOnlyList<StudioMessage>? Messages { get; init; }

    /// <summary>Whether a picture must come: the last message is drawn, or the picture that it brings is changed. Otherwise the model decides.</summary>
    public bool? Draw { get; init; }

    /// <summary>How pictures are painted; previews come where none is asked for, too.</summary>
    public PictureFields? Picture { get; init; }
}

/// <summary>A message of the conversation.</summary>
internal sealed record StudioMessage
{
    /// <summary><c>user</c> or <c>assistant</c>.</summary>
    public string? Role { get; init; }

    /// <summary>What was said.</summary>
    public string? Text { get; init; }

    /// <summary>Pictures of the gallery, by their names: before the text in a user's message, behind it in an assistant's.</summary>
    public IReadOnlyList<string>? Pictures { get; init; }
}

/// <summary>A piece of the reply.</summary>
/// <param name="Type"><c>text</c>, <c>drawing</c>, <c>step</c>, <c>picture</c> or <c>done</c>.</param>
internal sealed record StudioEvent(string Type)
{
    /// <summary>More text.</summary>
    public string? Text { get; init; }

    /// <summary>Denoising steps done.</summary>
    public int? Step { get; init; }

    /// <summary>Denoising steps in all.</summary>
    public int? Steps { get; init; }

    /// <summary>What the picture looks like so far, as a data URL.</summary>
    public string? Preview { get; init; }

    /// <summary>A finished picture, kept in the gallery.</summary>
    public GalleryPicture? Picture { get; init; }

    /// <summary>How long the reply took.</summary>
    public double? Seconds { get; init; }
}

/// <summary>Which pictures of the gallery are asked for. A request of its own, since addresses are written into logs.</summary>
internal sealed record GallerySearch
{
    /// <summary>Words of which the prompt must hold each; all pictures where there are none.</summary>
    public string? Words { get; init; }

    /// <summary>Only pictures of smaller numbers, for the next page.</summary>
    public long? Before { get; init; }

    /// <summary>At most so many.</summary>
    public int? Limit { get; init; }
}

/// <summary>A page of the gallery.</summary>
/// <param name="Pictures">The latest first.</param>
/// <param name="More">Whether there are earlier ones.</param>
internal sealed record GalleryPage(IReadOnlyList<GalleryPicture> Pictures, bool More);

/// <summary>What the studio's page must know of the server.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Generate">The defaults of drawing.</param>
/// <param name="Edit">The defaults of editing.</param>
/// <param name="MaxSteps">Most denoising steps.</param>
/// <param name="MaxSide">The longest side of a picture.</param>
/// <param name="MaxBodyBytes">Most bytes of a request.</param>
internal sealed record StudioSettings(string Model, StudioDefaults Generate, StudioDefaults Edit, int MaxSteps, int MaxSide, long MaxBodyBytes);

/// <summary>Defaults of a task.</summary>
/// <param name="Steps">Denoising steps.</param>
/// <param name="CfgScale">Classifier-free guidance.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
internal sealed record StudioDefaults(int Steps, double CfgScale, int Width, int Height);
