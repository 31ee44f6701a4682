using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>Finds words that mean one thing of a scene, or several alike, and no other.</summary>
internal static class References
{
    private const double NameShare = 0.65;
    private const double PronounShare = 0.3;

    /// <summary>Returns a mention that means one thing alone, or null if what may be said doesn't tell it from others.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="thing">The thing.</param>
    /// <param name="dice">The source of chance.</param>
    /// <param name="without">Removes what must not be said, or null for nothing.</param>
    /// <param name="relations">Whether another thing may tell it apart: "the cat left of the car".</param>
    public static Mention? To(
        ThingScene scene, PlacedThing thing, Dice dice, Func<Mention, Mention>? without = null, bool relations = false)
    {
        string item = thing.Thing.Name, place = Ids.Of(thing.Cell), size = Ids.Of(thing.Size);
        string? colour = thing.ApparentColour?.Name;
        var name = new Mention { Item = item };
        if (Mentions.IsClear(name, scene) && dice.Chance(NameShare))
        {
            return name;
        }

        List<Mention> all = [name, name with { Place = place }, name with { Size = size }, new() { Place = place }];
        if (colour is not null)
        {
            all.AddRange(
            [
                name with { Colour = colour }, name with { Colour = colour }, new() { Colour = colour },
                name with { Colour = colour, Size = size }, name with { Colour = colour, Place = place },
                new() { Colour = colour, Size = size },
            ]);
        }

        if (relations && scene.Objects.Length > 1)
        {
            PlacedThing other = dice.Pick(scene.Objects.AsSpan());
            string relation = Ids.Of(dice.Any<Relation>());
            if (other.Thing != thing.Thing && Mentions.Stands(thing, relation, other, scene)
                && new Mention { Item = other.Thing.Name } is { } anchor && Mentions.IsClear(anchor, scene))
            {
                all.Add(name with { Relation = relation, Other = anchor });
            }
        }

        Mention[] clear = [.. all.Select(one => without is null ? one : without(one))
            .Where(one => one is not { Item: null, Colour: null, Size: null, Place: null } && Mentions.IsClear(one, scene))];
        return clear.Length == 0 ? null : dice.Pick<Mention>(clear);
    }

    /// <summary>As <see cref="To"/>, by a pronoun at times where the thing is the only one or was just spoken of.</summary>
    public static Mention? ForEdit(
        ThingScene scene, PlacedThing thing, Dice dice, Cell? focus, Func<Mention, Mention>? without = null,
        bool relations = true)
    {
        bool known = scene.Objects.Length == 1 || focus == thing.Cell;
        return known && dice.Chance(PronounShare)
            ? new Mention { Item = thing.Thing.Name, Place = null, Pronoun = true }
            : To(scene, thing, dice, without, relations);
    }

    /// <summary>Returns a mention of all things of a class or of a colour, or null if the one that is drawn is alone.</summary>
    public static Mention? ToGroup(ThingScene scene, Dice dice)
    {
        PlacedThing thing = dice.Pick(scene.Objects.AsSpan());
        Mention mention = dice.Chance(0.25) && thing.ApparentColour is { } colour
            ? new Mention { Colour = colour.Name }
            : new Mention { Item = thing.Thing.Name };
        int count = Mentions.Meant(mention, scene).Count();
        return count > 1 ? mention with { Count = count } : null;
    }
}
