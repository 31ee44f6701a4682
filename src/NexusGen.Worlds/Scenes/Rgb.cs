namespace NexusGen.Worlds.Scenes;

/// <summary>An sRGB colour of 8 bits a channel.</summary>
/// <param name="R">Red.</param>
/// <param name="G">Green.</param>
/// <param name="B">Blue.</param>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>As <c>#rrggbb</c>.</summary>
    /// <returns>The hexadecimal form.</returns>
    public override string ToString() => $"#{R:x2}{G:x2}{B:x2}";
}
