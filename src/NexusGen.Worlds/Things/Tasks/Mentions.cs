using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>What is said of the things of a scene, and which of them a mention means.</summary>
internal static class Mentions
{
    /// <summary>Returns a mention of a thing that says its look: no size where it is the canonical one.</summary>
    public static Mention Look(PlacedThing thing) => new()
    {
        Item = thing.Thing.Name,
        Colour = thing.Colour?.Name,
        Size = thing.Size == ThingLayout.Size ? null : Ids.Of(thing.Size),
    };

    /// <summary>Returns a mention of a thing that says its look and its cell.</summary>
    public static Mention Whole(PlacedThing thing) => Look(thing) with { Place = Ids.Of(thing.Cell) };

    /// <summary>Returns the things of a scene that a mention may mean, whatever its number.</summary>
    public static IEnumerable<PlacedThing> Meant(Mention mention, ThingScene scene) =>
        scene.Objects.Where(thing => Fits(mention, thing, scene));

    /// <summary>Returns whether a mention means exactly as many things of a scene as it says.</summary>
    public static bool IsClear(Mention mention, ThingScene scene) => Meant(mention, scene).Count() == mention.Count;

    /// <summary>Returns whether one thing stands in a relation to another.</summary>
    public static bool Stands(PlacedThing one, string relation, PlacedThing other, ThingScene scene) =>
        Ids.RelationOf(relation) is { } side ? one.Cell.Is(side, other.Cell) : ThingLayout.AreBeside(scene, one.Cell, other.Cell);

    /// <summary>Returns whether people might call two things next to each other though they are not: across a corner.</summary>
    public static bool IsAcross(PlacedThing one, PlacedThing other) =>
        Math.Abs(one.Cell.Row - other.Cell.Row) == 1 && Math.Abs(one.Cell.Column - other.Cell.Column) == 1;

    // A natural look counts as its dominant colour.
    private static bool Fits(Mention mention, PlacedThing thing, ThingScene scene) =>
        (mention.Item is null || mention.Item == thing.Thing.Name)
        && (mention.Colour is null || mention.Colour == thing.ApparentColour?.Name)
        && (mention.Size is null || mention.Size == Ids.Of(thing.Size))
        && (mention.Place is null || mention.Place == Ids.Of(thing.Cell))
        && (mention is not { Relation: { } relation, Other: { } other }
            || Meant(other, scene).Any(anchor => anchor.Cell != thing.Cell && Stands(thing, relation, anchor, scene)));
}
