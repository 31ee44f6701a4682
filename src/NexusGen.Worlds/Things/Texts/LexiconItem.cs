using System.Collections.Immutable;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>A thing as a lexicon's file has it.</summary>
internal sealed class LexiconItem
{
    /// <summary>The id, the class of COCO for things that have one.</summary>
    public required string Id { get; init; }

    /// <summary>The names, the canonical one first.</summary>
    public required string[] Names { get; init; }

    /// <summary>The Chinese measure words, the canonical one first.</summary>
    public string[]? Measures { get; init; }

    /// <summary>Parses the names.</summary>
    /// <param name="language">The language.</param>
    /// <returns>The names.</returns>
    public ImmutableArray<Name> Read(TextLanguage language) => language == TextLanguage.English
        ? [.. Names.Select(Name.English)]
        : [.. Names.Select(name => Name.Chinese(name, Measures![0]))];
}
