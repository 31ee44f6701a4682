using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things;

/// <summary>The texture of a background: the pixels that have a colour of their own.</summary>
/// <param name="Kind">The rule that chooses the pixels.</param>
/// <param name="Colour">Their colour.</param>
/// <param name="Width">Of a speckle, in pixels.</param>
/// <param name="Height">Of a speckle, in pixels.</param>
/// <param name="Every">One in so many blocks is a speckle.</param>
internal sealed record BackgroundTexture(string Kind, Rgb Colour, int Width, int Height, int Every)
{
    /// <summary>Whether a pixel has the texture's colour.</summary>
    public bool Covers(int x, int y) => Kind switch
    {
        "speckle" => Hash(x / Width, y / Height) % (uint)Every == 0,
        "bricks" => y % 16 < 2 || (x + y / 16 % 2 * 16) % 32 < 2,
        "planks" => y % 28 < 2 || (x + y / 28 * 61) % 140 < 2,
        _ => IsCrest((x + y / 20 % 2 * 16) % 32, y % 20),
    };

    private static bool IsCrest(int along, int down) => down - 8 - Math.Abs(along - 16) / 4 is 0 or 1;

    private static uint Hash(int blockX, int blockY)
    {
        uint hash = (uint)blockX * 73856093u ^ (uint)blockY * 19349663u;
        hash = (hash ^ (hash >> 13)) * 1274126177u;
        return hash ^ (hash >> 16);
    }
}
