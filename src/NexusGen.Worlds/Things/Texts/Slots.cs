using System.Collections.Immutable;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>What a wording talks about. Values are the ids of the lexicon. See <see cref="Intents"/> for what each intent
/// takes.</summary>
public sealed record Slots
{
    /// <summary>Nothing, for intents without slots.</summary>
    public static Slots None { get; } = new();

    /// <summary>The things: <c>{a}</c>, <c>{b}</c> and so on, or <c>{all}</c> of them as a list.</summary>
    public ImmutableArray<Mention> Things { get; init; } = [];

    /// <summary>A cell by itself: where a thing moves to, or what a question asks about.</summary>
    public string? Place { get; init; }

    /// <summary>A background.</summary>
    public string? Ground { get; init; }

    /// <summary>A colour by itself: what a thing is recoloured to, or an answer.</summary>
    public string? Colour { get; init; }

    /// <summary>A size by itself.</summary>
    public string? Size { get; init; }

    /// <summary>How the first thing stands to the second.</summary>
    public string? Relation { get; init; }

    /// <summary>A number by itself.</summary>
    public int? Number { get; init; }

    /// <summary>Something that the world doesn't have; see <see cref="OffWorld"/>.</summary>
    public Name? Word { get; init; }

    /// <summary>A fixed phrase; see <see cref="OffWorld"/>.</summary>
    public string? Phrase { get; init; }

    /// <summary>Texts made before, for wordings that join two.</summary>
    public ImmutableArray<string> Texts { get; init; } = [];

    /// <summary>What is given besides the things.</summary>
    internal Feature Given =>
        (Things.Length > 0 && Things[0].Place is not null ? Feature.ThingPlace : 0) | (Place is null ? 0 : Feature.Place)
        | (Ground is null ? 0 : Feature.Ground) | (Colour is null ? 0 : Feature.Colour) | (Size is null ? 0 : Feature.Size)
        | (Relation is null ? 0 : Feature.Relation) | (Word is null ? 0 : Feature.Word) | (Phrase is null ? 0 : Feature.Phrase)
        | (Number is null ? 0 : Feature.Number);

    /// <summary>Slots of things alone.</summary>
    /// <param name="things">The things.</param>
    /// <returns>The slots.</returns>
    public static Slots Of(params ReadOnlySpan<Mention> things) => new() { Things = [.. things] };
}
