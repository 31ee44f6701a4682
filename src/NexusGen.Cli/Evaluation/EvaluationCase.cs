using System.Collections.Immutable;
using NexusGen.Imaging;
using NexusGen.Worlds.Core;

namespace NexusGen.Cli.Evaluation;

/// <summary>A case of an evaluation: what is asked and what is expected.</summary>
/// <param name="Suite">The suite.</param>
/// <param name="Category">The category.</param>
/// <param name="Language">The language.</param>
/// <param name="Turns">The texts of all turns, with the expected replies where they are texts.</param>
/// <param name="Expected">Descriptions of the images that the case shows or expects.</param>
internal sealed record EvaluationCase(
    string Suite, string Category, TextLanguage Language, ImmutableArray<string> Turns, ImmutableArray<string> Expected)
{
    /// <summary>Renders the image that is changed; null if none is.</summary>
    public Func<RgbImage>? Source { get; init; }

    /// <summary>Renders the expected image; null if there is none, or more than one would be right.</summary>
    public Func<RgbImage>? Target { get; init; }

    /// <summary>
    /// Whether objects in the images shown to the model are off the middle of their cells; null if no image is shown.
    /// </summary>
    public bool? IsOffMiddle { get; init; }

    /// <summary>Returns the case's result without a fault.</summary>
    /// <param name="said">What the model said.</param>
    /// <param name="picture">The generated image, if any.</param>
    public EvaluatedCase Succeed(string said, RgbImage? picture = null) => new(this, true, said, "", picture);

    /// <summary>Returns the case's result with a fault.</summary>
    /// <param name="said">What the model said.</param>
    /// <param name="fault">What is wrong.</param>
    /// <param name="picture">The generated image, if any.</param>
    public EvaluatedCase Fail(string said, string fault, RgbImage? picture = null) => new(this, false, said, fault, picture);
}
