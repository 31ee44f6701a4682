using System.Text.RegularExpressions;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Tasks;

/// <summary>
/// What an English text names, found by its words alone: a small interpreter that knows nothing of how texts are made. A text
/// is <see cref="IsUnclear"/> if it names more than one class, or uses a word with two meanings.
/// </summary>
internal sealed class SpokenWords
{
    private static readonly Lexicon Words = Lexicon.English;
    private string _rest;

    public SpokenWords(string text)
    {
        _rest = text.Replace("<image>", "", StringComparison.Ordinal).Trim().ToLowerInvariant()
            .Replace("center", "centre", StringComparison.Ordinal);
        Text = _rest;
        IsUnclear = Regex.IsMatch(
            _rest,
            @"\borange|\bplus\b|a little|a bit|right colo|"
            + @"\b(right|left|above|below|over|under|beneath|underneath|by|beside|alongside|next|higher)\b"
            + @".*\b(of|the|than|to) the\b");
        Grounds = Take(Words.GroundIds.SelectMany(id => ((string[])["on", "a", "to", "is"]).SelectMany(form =>
            Words.Words("ground", id, form).Where(word => word.Contains(' ')).Select(word => (word, id)))));
        Items = Take(Words.Items.SelectMany(item =>
            item.Value.SelectMany(name => new[] { (name.PluralText, item.Key), (name.Text, item.Key) })));
        Colours = Take(Words.ColourIds.SelectMany(id =>
            Words.Words("colour", id, "shades").Append(Words.Words("colour", id, "names")[0]).Select(word => (word, id))));
        Sizes = Take(Words.SizeIds.SelectMany(id => Words.Words("size", id, "names").Select(word => (word, id))));
        Places = Take(Words.PlaceIds.SelectMany(id => ((string[])["at", "to", "name", "adj"]).SelectMany(form =>
            Words.Words("place", id, form).Select(word => (word, id)))));
        IsUnclear |= Items.Length > 1;
    }

    /// <summary>The text in lower case.</summary>
    public string Text { get; }

    public bool IsUnclear { get; }

    public string[] Items { get; }

    public string[] Colours { get; }

    public string[] Sizes { get; }

    public string[] Places { get; }

    public string[] Grounds { get; }

    /// <summary>The things of a scene that fit what is named.</summary>
    public PlacedThing[] Meant(ThingScene scene, string[] colours, string[] sizes, string[] places) =>
    [
        .. scene.Objects.Where(one =>
            (Items.Length == 0 || Items.Contains(one.Thing.Name))
            && (colours.Length == 0 || colours.Contains(one.ApparentColour?.Name))
            && (sizes.Length == 0 || sizes.Contains(one.Size.ToString().ToLowerInvariant()))
            && (places.Length == 0 || places.Contains(Words.PlaceIds[one.Cell.Index]))),
    ];

    // The longest words first; what was found is no longer there for shorter ones.
    private string[] Take(IEnumerable<(string Word, string Id)> words)
    {
        List<string> found = [];
        foreach ((string word, string id) in words.OrderByDescending(one => one.Word.Length))
        {
            if (!_rest.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            string pattern = $@"(?<![\w-]){Regex.Escape(word.ToLowerInvariant())}(?![\w-])";
            if (Regex.IsMatch(_rest, pattern))
            {
                found.Add(id);
                _rest = Regex.Replace(_rest, pattern, "~");
            }
        }

        return [.. found.Distinct()];
    }
}
