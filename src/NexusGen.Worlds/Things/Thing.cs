namespace NexusGen.Worlds.Things;

/// <summary>
/// A class of things, such as "dog" or "circle": one of the 80 classes of GenEval or of the 8 shapes. There is one instance of
/// each.
/// </summary>
public sealed class Thing
{
    internal Thing(int index, string name, bool isShape, ThingColour? dominant)
    {
        Index = index;
        Name = name;
        IsShape = isShape;
        Dominant = dominant;
    }

    /// <summary>The position in <see cref="ThingCatalogue.Things"/> and in the sprite sheets.</summary>
    public int Index { get; }

    /// <summary>The English name, as GenEval writes it.</summary>
    public string Name { get; }

    /// <summary>Whether it is one of the 8 shapes.</summary>
    public bool IsShape { get; }

    /// <summary>
    /// The colour that a person would call its natural look; null where there is none. A thing in its natural look counts as
    /// one of this colour too.
    /// </summary>
    public ThingColour? Dominant { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
