using System.Collections.Immutable;
using System.Text.Json;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things;

/// <summary>
/// The things, colours and backgrounds of the world of things, from the embedded table <c>things.json</c>. Their order is part
/// of the contract: sprites, labels and the split by hash rest on it. New ones are added at the end.
/// </summary>
public static class ThingCatalogue
{
    /// <summary>The name of the embedded table.</summary>
    internal const string Table = "Things/things.json";

    static ThingCatalogue()
    {
        using JsonDocument document = JsonDocument.Parse(Resource(Table));
        JsonElement root = document.RootElement;
        Colours = [.. root.GetProperty("colours").EnumerateObject().Select((entry, i) => new ThingColour(
            i, entry.Name, Rgb(entry.Value, "body"), Rgb(entry.Value, "light"), Rgb(entry.Value, "dark"),
            Rgb(entry.Value, "ink")))];
        Things = [.. root.GetProperty("things").EnumerateArray().Select(ReadThing)];
        Backgrounds = [.. root.GetProperty("backgrounds").EnumerateArray().Select(ReadBackground)];
    }

    /// <summary>The 88 things: the 8 shapes, then the 80 classes of GenEval.</summary>
    public static ImmutableArray<Thing> Things { get; }

    /// <summary>The number of shapes, which are the first things.</summary>
    internal static int Shapes => 8;

    /// <summary>The ten colours of GenEval.</summary>
    public static ImmutableArray<ThingColour> Colours { get; }

    /// <summary>The backgrounds; the first is white, the canonical one.</summary>
    public static ImmutableArray<ThingBackground> Backgrounds { get; }

    /// <summary>Finds a thing by its name.</summary>
    /// <param name="name">The English name, such as "dog".</param>
    /// <returns>The thing.</returns>
    /// <exception cref="WorldException">There is no such thing.</exception>
    public static Thing Thing(string name) => Named(Things, name, "thing");

    /// <summary>Finds a colour by its name.</summary>
    /// <param name="name">The English name, such as "red".</param>
    /// <returns>The colour.</returns>
    /// <exception cref="WorldException">There is no such colour.</exception>
    public static ThingColour Colour(string name) => Named(Colours, name, "colour");

    /// <summary>Finds a background by its name.</summary>
    /// <param name="name">The English name, such as "white".</param>
    /// <returns>The background.</returns>
    /// <exception cref="WorldException">There is no such background.</exception>
    public static ThingBackground Background(string name) => Named(Backgrounds, name, "background");

    /// <summary>Reads an embedded file.</summary>
    internal static byte[] Resource(string name)
    {
        using Stream stream = typeof(ThingCatalogue).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static T Named<T>(ImmutableArray<T> all, string name, string kind)
        where T : class => all.FirstOrDefault(one => one.ToString() == name)
            ?? throw new WorldException($"There is no {kind} \"{name}\"; there are {string.Join(", ", all)}.");

    private static Thing ReadThing(JsonElement entry, int index) => new(
        index, Text(entry, "id"), Text(entry, "kind") == "shape",
        entry.GetProperty("dominant").GetString() is { } dominant ? Colour(dominant) : null);

    private static ThingBackground ReadBackground(JsonElement entry, int index)
    {
        JsonElement hides = entry.GetProperty("hides");
        BackgroundTexture? texture = entry.TryGetProperty("texture", out JsonElement kind)
            ? new BackgroundTexture(
                kind.GetString()!, Rgb(entry, "colour"), Number(entry, "width"), Number(entry, "height"), Number(entry, "every"))
            : null;
        return new(
            index, Text(entry, "id"), Rgb(entry, "top"), Rgb(entry, "bottom"), texture, Names(hides, "colours"),
            Names(hides, "natural"));
    }

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;

    private static int Number(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : 1;

    private static IEnumerable<string> Names(JsonElement entry, string name) =>
        [.. entry.GetProperty(name).EnumerateArray().Select(value => value.GetString()!)];

    private static Rgb Rgb(JsonElement entry, string name) =>
        entry.GetProperty(name) is { } v ? new(v[0].GetByte(), v[1].GetByte(), v[2].GetByte()) : default;
}
