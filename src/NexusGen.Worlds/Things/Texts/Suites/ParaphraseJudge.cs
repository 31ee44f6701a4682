using System.Collections.Immutable;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Judging;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>Judges pictures by the expectations of the suite: what a case leaves open may be anything.</summary>
public static class ParaphraseJudge
{
    /// <summary>Compares a picture with what it must show.</summary>
    /// <param name="picture">What it must show.</param>
    /// <param name="reading">What it shows.</param>
    /// <returns>Right where these things and no others are there.</returns>
    public static Verdict Check(ParaphrasePicture picture, ThingReading reading)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(reading);
        return new WantedPicture(
            [.. picture.Things.SelectMany((thing, entry) => WantedThing.Of(entry, thing))],
            picture.Relations.IsDefault ? [] : picture.Relations,
            picture.Ground).Check(reading);
    }

    /// <summary>Compares an edited picture with the scene of a case after its changes.</summary>
    /// <param name="item">A case of <c>edit</c>.</param>
    /// <param name="reading">What the picture shows.</param>
    /// <returns>Right where the scene has the changes and nothing else has changed.</returns>
    public static Verdict CheckEdit(ParaphraseCase item, ThingReading reading)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(reading);
        (ThingScene scene, ImmutableArray<ImmutableArray<PlacedThing>> entries) = ParaphraseScenes.Make(item);
        List<WantedThing> things = [.. entries.SelectMany((entry, index) => entry.Select(one => WantedThing.Of(index, one)))];
        List<ParaphraseRelation> relations = [];
        string ground = scene.Background.Name;
        foreach (ParaphraseChange change in item.Changes)
        {
            if (change.Do == "add")
            {
                // An entry behind those of the scene and of what was added before.
                int entry = things.Append(WantedThing.Of(entries.Length - 1, scene.Objects[0])).Max(thing => thing.Entry) + 1;
                things.AddRange(WantedThing.Of(entry, change.Thing!));
                if (change is { Relation: { } relation, Other: { } other })
                {
                    relations.Add(new ParaphraseRelation(entry, relation, other));
                }
            }
            else if (change.Do == "ground")
            {
                ground = change.Ground!;
            }
            else
            {
                Apply(change, things);
            }
        }

        return new WantedPicture([.. things], [.. relations], ground).Check(reading);
    }

    private static void Apply(ParaphraseChange change, List<WantedThing> things)
    {
        int[] meant = [.. Enumerable.Range(0, things.Count).Where(index => change.Things.Contains(things[index].Entry))];
        Cell?[] cells = [.. meant.Select(index => things[index].Cell).Reverse()];
        foreach ((int index, int order) in meant.Select((index, order) => (index, order)))
        {
            WantedThing thing = things[index];
            things[index] = change.Do switch
            {
                "replace" => thing with
                {
                    Item = change.By!.Item,
                    Colour = change.By.Colour,
                    Size = change.By.Size is null ? thing.Size : Ids.SizeOf(change.By.Size),
                },
                "recolour" => thing with { Colour = change.Colour },
                "resize" => thing with { Size = SizeAfter(change.Size!) },
                "move" => thing with { Cell = Ids.CellOf(change.Cell!) },
                "swap" => thing with { Cell = cells[order] },
                _ => thing,
            };
        }

        if (change.Do == "remove")
        {
            things.RemoveAll(thing => change.Things.Contains(thing.Entry));
        }
    }

    private static ThingSize SizeAfter(string size) => size switch
    {
        "bigger" => ThingSize.Big,
        "smaller" => ThingSize.Small,
        _ => Ids.SizeOf(size),
    };
}
