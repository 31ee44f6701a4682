using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>Makes the pictures that cases of the suite are said of.</summary>
public static class ParaphraseScenes
{
    /// <summary>
    /// Makes the scene of a case, things in the order of the case and, of one entry, one behind the other. What the case leaves
    /// open is the canonical layout's, except for sizes that have to change.
    /// </summary>
    /// <param name="item">A case of <c>edit</c> or <c>ask</c>.</param>
    /// <returns>The scene, and the things of each entry of <see cref="ParaphrasePicture.Things"/>.</returns>
    /// <exception cref="ArgumentException">The case has no scene.</exception>
    public static (ThingScene Scene, ImmutableArray<ImmutableArray<PlacedThing>> Entries) Make(ParaphraseCase item)
    {
        ArgumentNullException.ThrowIfNull(item);
        ParaphrasePicture picture = item.Scene ?? throw new ArgumentException($"{item.Id} has no scene.", nameof(item));
        List<PlacedThing> all = [];
        PlacedThing[][] entries = [.. picture.Things.Select(_ => Array.Empty<PlacedThing>())];

        // Things with a cell of their own stand before the others, which take what is left.
        foreach (int index in Enumerable.Range(0, entries.Length).OrderBy(index => picture.Things[index].Cell is null))
        {
            ParaphraseThing thing = picture.Things[index];
            ThingColour? colour = thing.Colour is null ? null : ThingCatalogue.Colour(thing.Colour);
            ThingSize size = thing.Size is null ? SizeBefore(item, index) : Ids.SizeOf(thing.Size);
            for (int i = 0; i < (thing.Count ?? 1); i++)
            {
                Cell cell = thing.Cell is null ? ThingLayout.FreeCell(all) : Ids.CellOf(thing.Cell);
                var placed = new PlacedThing(ThingCatalogue.Thing(thing.Item), colour, size, cell);
                all.Add(placed);
                entries[index] = [.. entries[index], placed];
            }
        }

        ThingBackground background = picture.Ground is null
            ? ThingLayout.BackgroundOf(all)
            : ThingCatalogue.Background(picture.Ground);
        return (new ThingScene(background, all), [.. entries.Select(entry => entry.ToImmutableArray())]);
    }

    // What is to become bigger isn't big already.
    private static ThingSize SizeBefore(ParaphraseCase item, int index)
    {
        string? size = (item.Changes.IsDefault ? [] : item.Changes)
            .FirstOrDefault(change => change.Do == "resize" && change.Things.Contains(index))?.Size;
        return size is "bigger" or "big" ? ThingSize.Small : ThingLayout.Size;
    }
}
