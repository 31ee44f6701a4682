using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things;

/// <summary>A background: two colours between which the rows change evenly, perhaps a texture, and what it would hide.</summary>
public sealed class ThingBackground
{
    private readonly ImmutableHashSet<string> _hiddenColours;
    private readonly ImmutableHashSet<string> _hiddenNatural;

    internal ThingBackground(
        int index, string name, Rgb top, Rgb bottom, BackgroundTexture? texture, IEnumerable<string> hiddenColours,
        IEnumerable<string> hiddenNatural)
    {
        Index = index;
        Name = name;
        Top = top;
        Bottom = bottom;
        Texture = texture;
        _hiddenColours = [.. hiddenColours];
        _hiddenNatural = [.. hiddenNatural];
    }

    /// <summary>The position in <see cref="ThingCatalogue.Backgrounds"/>.</summary>
    public int Index { get; }

    /// <summary>The English name.</summary>
    public string Name { get; }

    /// <summary>The colour of the first row.</summary>
    public Rgb Top { get; }

    /// <summary>The colour of the last row.</summary>
    public Rgb Bottom { get; }

    /// <summary>The texture; null where the background is plain.</summary>
    internal BackgroundTexture? Texture { get; }

    /// <summary>
    /// Whether a thing would be too hard to see: less than half of it differs from the background by 60 or more (Euclidean, of
    /// 255 a channel). No scene has such a thing.
    /// </summary>
    /// <param name="thing">The thing.</param>
    /// <param name="colour">Its colour; null for its natural look.</param>
    /// <returns>Whether the background hides it.</returns>
    public bool Hides(Thing thing, ThingColour? colour)
    {
        ArgumentNullException.ThrowIfNull(thing);
        return colour is null ? _hiddenNatural.Contains(thing.Name) : _hiddenColours.Contains(colour.Name);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
