namespace NexusGen.Imaging;

/// <summary>The size of an image in pixels.</summary>
/// <param name="Width">The width.</param>
/// <param name="Height">The height.</param>
public readonly record struct PixelSize(int Width, int Height)
{
    /// <summary>Returns the size as text, for example <c>512×512</c>.</summary>
    public override string ToString() => $"{Width}×{Height}";
}
