namespace NexusGen.Worlds.Things.Texts;

/// <summary>A line of a section.</summary>
/// <param name="Pattern">The wording.</param>
/// <param name="Weight">How often it is drawn, against the others.</param>
/// <param name="Form">The form of answer that a question asks for or that an answer has; empty for any.</param>
/// <param name="Needs">What must be given for it.</param>
/// <param name="Says">What it says.</param>
internal sealed record PatternLine(Pattern Pattern, int Weight, string Form, Feature Needs, Feature Says)
{
    /// <summary>Whether it needs no more than is given and says all that must be said.</summary>
    /// <param name="given">What is given.</param>
    /// <param name="said">What of it must be said.</param>
    /// <returns>Whether it fits.</returns>
    public bool Fits(Feature given, Feature said) => (Needs & ~given) == 0 && (said & ~Says) == 0;
}
