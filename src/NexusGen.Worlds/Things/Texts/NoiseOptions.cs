namespace NexusGen.Worlds.Things.Texts;

/// <summary>How often texts are typed carelessly. Each is a probability for one text.</summary>
public sealed record NoiseOptions
{
    /// <summary>What people type, as far as one can tell.</summary>
    public static NoiseOptions Default { get; } = new();

    /// <summary>British and American spelling alone.</summary>
    public static NoiseOptions Careful { get; } = new()
    {
        NoCapital = 0,
        LowerCase = 0,
        UpperCase = 0,
        NoMark = 0,
        DoubleMark = 0,
        NoArticles = 0,
        NoApostrophes = 0,
        Typo = 0,
        HalfWidth = 0,
        NoParticle = 0,
    };

    /// <summary>American instead of British spelling.</summary>
    public double American { get; init; } = 0.5;

    /// <summary>No capital at the beginning.</summary>
    public double NoCapital { get; init; } = 0.3;

    /// <summary>No capitals at all.</summary>
    public double LowerCase { get; init; } = 0.15;

    /// <summary>Capitals only.</summary>
    public double UpperCase { get; init; } = 0.015;

    /// <summary>No final mark.</summary>
    public double NoMark { get; init; } = 0.35;

    /// <summary>The final mark twice or thrice, where it is no full stop.</summary>
    public double DoubleMark { get; init; } = 0.03;

    /// <summary>No articles.</summary>
    public double NoArticles { get; init; } = 0.04;

    /// <summary>No apostrophes: "whats".</summary>
    public double NoApostrophes { get; init; } = 0.05;

    /// <summary>A typo in one word of at least four letters: a letter dropped, doubled, swapped or replaced by a
    /// neighbour.</summary>
    public double Typo { get; init; } = 0.08;

    /// <summary>Marks of half width in Chinese.</summary>
    public double HalfWidth { get; init; } = 0.06;

    /// <summary>No final particle in Chinese.</summary>
    public double NoParticle { get; init; } = 0.1;

    /// <summary>Traditional characters. 0 unless the answer is made traditional too; see
    /// <see cref="Texts.Traditional"/>.</summary>
    public double Traditional { get; init; }
}
