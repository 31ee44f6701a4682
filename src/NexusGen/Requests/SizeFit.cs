namespace NexusGen.Requests;

/// <summary>
/// Specifies how an image of a size that the model does not generate is made from one that it does
/// (<see cref="Model.NexusGenConfiguration.Sizes"/>). The names are those of CSS <c>object-fit</c>.
/// </summary>
public enum SizeFit
{
    /// <summary>The generated image is scaled to fit; margins have the colors of its border.</summary>
    Contain,

    /// <summary>The generated image is scaled to cover the size, and its edges are cut off.</summary>
    Cover,

    /// <summary>No resizing: a size that the model does not generate is refused.</summary>
    Exact,
}
