namespace NexusGen.Worlds.Things.Texts;

/// <summary>What a text says of a thing, or of several alike. What is null isn't said. Values are the ids of the lexicon:
/// <c>cat</c>, <c>red</c>, <c>big</c>, <c>top left</c>, <c>left of</c>.</summary>
public sealed record Mention
{
    /// <summary>The thing; null for "one", "thing" or "object".</summary>
    public string? Item { get; init; }

    /// <summary>How many there are, from 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The colour.</summary>
    public string? Colour { get; init; }

    /// <summary>The size.</summary>
    public string? Size { get; init; }

    /// <summary>The cell.</summary>
    public string? Place { get; init; }

    /// <summary>How it stands to <see cref="Other"/>, where that tells it apart: "the cat left of the car".</summary>
    public string? Relation { get; init; }

    /// <summary>What <see cref="Relation"/> refers to.</summary>
    public Mention? Other { get; init; }

    /// <summary>Whether a reference to it is a pronoun: "make it blue".</summary>
    public bool Pronoun { get; init; }

    /// <summary>The name to use, as a singular of the lexicon; null to draw one. An answer repeats the name of its
    /// question.</summary>
    public string? Name { get; init; }
}
