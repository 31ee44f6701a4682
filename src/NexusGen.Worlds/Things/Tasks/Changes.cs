using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>Changes of one thing of a scene, of several alike, of the background, or by more things.</summary>
/// <param name="scene">The scene.</param>
/// <param name="dice">The source of chance.</param>
/// <param name="focus">The cell of the thing that was just spoken of, or null for none.</param>
internal sealed class Changes(ThingScene scene, Dice dice, Cell? focus = null)
{
    private const double GroupShare = 0.3;

    /// <summary>The changes, by their intents without "edit.".</summary>
    public static ImmutableArray<string> Kinds { get; } =
        [.. Intents.Edits.Select(name => name["edit.".Length..]).Except(["two"])];

    /// <summary>Returns a change, or null if what was drawn can't be said or done.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    public Change? Make(string kind)
    {
        bool grows = kind is "add" or "beside" or "more";
        if (grows && scene.Objects.Length == ThingScene.MaxObjects)
        {
            return null;
        }

        return kind switch
        {
            "add" => Add(),
            "beside" => Beside(),
            "more" => More(),
            "remove" => Remove(),
            "replace" => Replace(),
            "recolour" => Recolour(),
            "natural" => OfSome(kind, one => one.Thing.IsShape || one.Colour is null ? null : one with { Colour = null }),
            "bigger" => OfSome(kind, one => one with { Size = ThingSize.Big }),
            "smaller" => OfSome(kind, one => one with { Size = ThingSize.Small }),
            "medium" => OfSome(kind, one => one with { Size = ThingSize.Medium }),
            "move" => Move(),
            "movebeside" => MoveBeside(),
            "ground" => Ground(),
            _ => Swap(),
        };
    }

    /// <summary>Returns a mention of a new thing and perhaps its cell.</summary>
    public static Mention New(Dice dice) => Drawings.Any(dice, official: false, named: dice.Chance(0.5));

    private Change? Add()
    {
        Mention what = New(dice);
        if (Mentions.Meant(new Mention { Item = what.Item }, scene).Any())
        {
            // One more of a kind looks like those that are there; in Chinese both may be said alike.
            return null;
        }

        int free = ThingScene.MaxObjects - scene.Objects.Length;
        bool placed = dice.Chance(0.55);
        int count = !placed && free > 1 && dice.Chance(0.15) ? 2 : 1;
        what = what with { Count = count, Place = placed ? Ids.Of(Cell.At(dice.Below(Cell.Count))) : null };
        PlacedThing[] added = new PlacedThing[count];
        for (int i = 0; i < count; i++)
        {
            Cell cell = what.Place is null
                ? ThingLayout.FreeCell([.. scene.Objects, .. added[..i]])
                : Cell.At(Lexicon.English.PlaceIds.IndexOf(what.Place));
            if (scene.At(cell) is not null)
            {
                return null;
            }

            added[i] = Drawings.Thing(what, cell);
        }

        return With("add", Slots.Of(what), [], added, []);
    }

    private Change? Beside()
    {
        PlacedThing anchor = dice.Pick(scene.Objects.AsSpan());
        Mention what = New(dice);
        string relation = AnyRelation();
        return ThingLayout.CellBeside(scene, anchor.Cell, Ids.RelationOf(relation)) is { } cell && scene.At(cell) is null
            && References.To(scene, anchor, dice) is { } beside
                ? With(
                    "beside", Slots.Of(what, beside) with { Relation = relation }, [], [Drawings.Thing(what, cell)], [beside])
                : null;
    }

    // Another of a kind looks like the ones that are there, so these must look alike.
    private Change? More()
    {
        PlacedThing thing = dice.Pick(scene.Objects.AsSpan());
        var what = new Mention
        {
            Item = thing.Thing.Name,
            Colour = dice.Chance(0.2) ? thing.Colour?.Name : null,
            Count = scene.Objects.Length < ThingScene.MaxObjects - 1 && dice.Chance(0.2) ? 2 : 1,
        };
        if (Mentions.Meant(what, scene).Any(one => one.Colour != thing.Colour || one.Size != thing.Size))
        {
            return null;
        }

        List<PlacedThing> added = [];
        for (int i = 0; i < what.Count; i++)
        {
            added.Add(thing.Centered with { Cell = ThingLayout.FreeCell([.. scene.Objects, .. added]) });
        }

        return With("more", Slots.Of(what), [], added, []);
    }

    private Change? Remove()
    {
        if (Some() is not var (mention, things) || things.Length == scene.Objects.Length)
        {
            return null;
        }

        return With("remove", Slots.Of(mention), things, [], [mention]);
    }

    private Change? Replace()
    {
        PlacedThing thing = dice.Pick(scene.Objects.AsSpan());
        Mention what = New(dice) with { Size = dice.Chance(0.15) ? Ids.Of(dice.Any<ThingSize>()) : null };
        PlacedThing by = Drawings.Thing(what, thing.Cell) with { JitterX = thing.JitterX, JitterY = thing.JitterY };
        by = what.Size is null ? by with { Size = thing.Size } : by;
        return by.Thing != thing.Thing && References.ForEdit(scene, thing, dice, focus) is { } mention
            ? With("replace", Slots.Of(mention, what), [thing], [by], [mention])
            : null;
    }

    private Change? Recolour()
    {
        ThingColour colour = dice.Pick(ThingCatalogue.Colours.AsSpan());
        return OfSome(
            "recolour", one => one.ApparentColour == colour ? null : one with { Colour = colour },
            slots => slots with { Colour = colour.Name });
    }

    private Change? Move()
    {
        PlacedThing thing = dice.Pick(scene.Objects.AsSpan());
        Cell to = Cell.At(dice.Below(Cell.Count));
        return scene.At(to) is null && References.ForEdit(scene, thing, dice, focus) is { } mention
            ? With(
                "move", Slots.Of(mention) with { Place = Ids.Of(to) }, [thing],
                [thing.Centered with { Cell = to }], [mention])
            : null;
    }

    private Change? MoveBeside()
    {
        PlacedThing thing = dice.Pick(scene.Objects.AsSpan()), anchor = dice.Pick(scene.Objects.AsSpan());
        string relation = AnyRelation();
        return thing.Cell != anchor.Cell && !Mentions.Stands(thing, relation, anchor, scene)
            && ThingLayout.CellBeside(scene, anchor.Cell, Ids.RelationOf(relation)) is { } to && scene.At(to) is null
            && References.ForEdit(scene, thing, dice, focus, relations: false) is { Place: null } mention
            && References.To(scene, anchor, dice) is { } beside
                ? With(
                    "movebeside", Slots.Of(mention, beside) with { Relation = relation }, [thing],
                    [thing.Centered with { Cell = to }], [mention, beside])
                : null;
    }

    private Change? Swap()
    {
        PlacedThing one = dice.Pick(scene.Objects.AsSpan()), other = dice.Pick(scene.Objects.AsSpan());
        bool alike = one.Thing == other.Thing && one.Colour == other.Colour && one.Size == other.Size;
        return !alike && References.To(scene, one, dice) is { } first && References.To(scene, other, dice) is { } second
            ? With(
                "swap", Slots.Of(first, second), [one, other],
                [one.Centered with { Cell = other.Cell }, other.Centered with { Cell = one.Cell }], [first, second])
            : null;
    }

    private Change? Ground()
    {
        ThingBackground ground = dice.Pick(ThingCatalogue.Backgrounds.AsSpan());
        return ground != scene.Background && !scene.Objects.Any(one => ground.Hides(one.Thing, one.Colour))
            ? new Change("ground", new Slots { Ground = ground.Name }, new ThingScene(ground, scene.Objects))
            : null;
    }

    // The same change of one thing or of several alike; null for a thing that it doesn't change.
    private Change? OfSome(string kind, Func<PlacedThing, PlacedThing?> change, Func<Slots, Slots>? more = null)
    {
        if (Some() is not var (mention, things))
        {
            return null;
        }

        PlacedThing?[] changed = [.. things.Select(change)];
        return changed.Where((one, i) => one is null || one == things[i]).Any()
            ? null
            : With(
                kind, more is null ? Slots.Of(mention) : more(Slots.Of(mention)), things, changed.OfType<PlacedThing>(),
                [mention]);
    }

    private (Mention Mention, PlacedThing[] Things)? Some()
    {
        if (dice.Chance(GroupShare) && References.ToGroup(scene, dice) is { } group)
        {
            return (group, [.. Mentions.Meant(group, scene)]);
        }

        PlacedThing thing = dice.Pick(scene.Objects.AsSpan());
        return References.ForEdit(scene, thing, dice, focus) is { } mention ? (mention, [thing]) : null;
    }

    private string AnyRelation() => dice.Chance(0.15) ? Ids.NextTo : Ids.Of(dice.Any<Relation>());

    // Null if the background hides what is new.
    private Change? With(
        string kind, Slots slots, IEnumerable<PlacedThing> gone, IEnumerable<PlacedThing> added, ImmutableArray<Mention> meant)
    {
        PlacedThing[] old = [.. gone], fresh = [.. added];
        if (Array.Exists(fresh, one => scene.Background.Hides(one.Thing, one.Colour)))
        {
            return null;
        }

        IEnumerable<PlacedThing> kept = scene.Objects.Where(one => !Array.Exists(old, other => other.Cell == one.Cell));
        return new Change(kind, slots, new ThingScene(scene.Background, [.. kept, .. fresh]))
        {
            Meant = meant,
            Touched = [.. old.Concat(fresh).Select(one => one.Cell).Distinct()],
            Focus = fresh.Length == 1 ? fresh[0].Cell : null,
        };
    }
}
