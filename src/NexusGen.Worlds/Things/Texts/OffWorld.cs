using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>
/// What the world doesn't have, read from <c>Limits/en.json</c> and <c>Limits/zh.json</c>: things, backgrounds, styles, colours,
/// actions, details, crowds, other tasks, nonsense and garbage. None of it is a name of something that the world has. Safe for
/// use by several threads.
/// </summary>
public sealed class OffWorld
{
    private readonly FrozenDictionary<string, ImmutableArray<string>> _lists;

    private OffWorld(TextLanguage language, string file)
    {
        _lists = JsonSerializer.Deserialize<Dictionary<string, string[]>>(Resources.Text(file))!
            .ToFrozenDictionary(list => list.Key, list => list.Value.ToImmutableArray());
        Things = [.. _lists["things"].Select(Read)];
        Grounds = [.. _lists["grounds"].Select(Read)];

        Name Read(string text) => language == TextLanguage.English ? Name.English(text) : Name.Chinese(text);
    }

    /// <summary>English.</summary>
    public static OffWorld English { get; } = new(TextLanguage.English, "Limits.en.json");

    /// <summary>Chinese.</summary>
    public static OffWorld Chinese { get; } = new(TextLanguage.Chinese, "Limits.zh.json");

    /// <summary>Things, for <c>limit.thing</c>, <c>limit.with</c>, <c>limit.add</c> and <c>limit.replace</c>.</summary>
    public ImmutableArray<Name> Things { get; }

    /// <summary>Backgrounds, for <c>limit.ground</c>.</summary>
    public ImmutableArray<Name> Grounds { get; }

    /// <summary>Styles, for <c>limit.style</c> and <c>limit.restyle</c>.</summary>
    public ImmutableArray<string> Styles => _lists["styles"];

    /// <summary>Colours and patterns, for <c>limit.colour</c> and <c>limit.recolour</c>.</summary>
    public ImmutableArray<string> Colours => _lists["colours"];

    /// <summary>What things can't do in a picture, for <c>limit.action</c>.</summary>
    public ImmutableArray<string> Actions => _lists["actions"];

    /// <summary>What things don't have, for <c>limit.detail</c> and <c>limit.adddetail</c>.</summary>
    public ImmutableArray<string> Details => _lists["details"];

    /// <summary>More things than fit, for <c>limit.crowd</c>.</summary>
    public ImmutableArray<string> Crowds => _lists["crowds"];

    /// <summary>Other tasks, for <c>limit.other</c>.</summary>
    public ImmutableArray<string> Other => _lists["other"];

    /// <summary>What can't be drawn, for <c>limit.nonsense</c>.</summary>
    public ImmutableArray<string> Nonsense => _lists["nonsense"];

    /// <summary>What says nothing, for <c>limit.garbage</c>.</summary>
    public ImmutableArray<string> Garbage => _lists["garbage"];

    /// <summary>What a language names that the world doesn't have.</summary>
    /// <param name="language">The language.</param>
    /// <returns>The lists.</returns>
    public static OffWorld Of(TextLanguage language) => language == TextLanguage.English ? English : Chinese;

    /// <summary>All texts of all lists.</summary>
    /// <returns>The texts.</returns>
    internal IEnumerable<string> AllTexts() => _lists.Values.SelectMany(list => list);
}
