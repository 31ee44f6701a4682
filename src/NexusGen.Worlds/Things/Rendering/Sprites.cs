using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Rendering;

/// <summary>
/// The sprites of all things, looks and sizes; each is made when it is first needed. Safe for use by several threads.
/// </summary>
internal static class Sprites
{
    private static readonly Lazy<SpriteSheet>[] Sheets =
        [.. Enum.GetValues<ThingSize>().Select(size => new Lazy<SpriteSheet>(() => new SpriteSheet(size)))];

    private static readonly int Looks = ThingCatalogue.Colours.Length + 1;
    private static readonly byte[]?[] Made = new byte[]?[Sheets.Length * ThingCatalogue.Things.Length * Looks];

    /// <summary>Returns the sprite of a thing: premultiplied red, green and blue, and alpha, of each pixel row by row.</summary>
    public static byte[] Of(PlacedThing placed)
    {
        int index = ((int)placed.Size * ThingCatalogue.Things.Length + placed.Thing.Index) * Looks + placed.Look;
        return Volatile.Read(ref Made[index]) ?? Make(index, placed);
    }

    private static byte[] Make(int index, PlacedThing placed)
    {
        byte[] sprite = Sheets[(int)placed.Size].Value.Sprite(placed.Thing, placed.Colour);
        Volatile.Write(ref Made[index], sprite);
        return sprite;
    }
}
