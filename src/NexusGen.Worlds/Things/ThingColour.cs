using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things;

/// <summary>A colour that a thing can be given, as four shades. There is one instance of each colour.</summary>
public sealed class ThingColour
{
    internal ThingColour(int index, string name, Rgb body, Rgb light, Rgb dark, Rgb ink)
    {
        Index = index;
        Name = name;
        Body = body;
        Light = light;
        Dark = dark;
        Ink = ink;
    }

    /// <summary>The position in <see cref="ThingCatalogue.Colours"/>.</summary>
    public int Index { get; }

    /// <summary>The English name, as GenEval writes it.</summary>
    public string Name { get; }

    /// <summary>The shade of most of the thing.</summary>
    public Rgb Body { get; }

    /// <summary>The shade of its light parts.</summary>
    public Rgb Light { get; }

    /// <summary>The shade of its dark parts.</summary>
    public Rgb Dark { get; }

    /// <summary>The shade of what stands out from the body: eyes, stripes, letters.</summary>
    public Rgb Ink { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
