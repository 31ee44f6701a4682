using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>
/// What questions about one scene talk about and how they are answered. A thing in its natural look counts as one of its
/// dominant colour. An answer repeats the name that its question used.
/// </summary>
internal sealed class Asker(ThingScene scene, Dice dice, TextLanguage language)
{
    // Without the pronoun an answer would have nothing to refer to.
    private static readonly Slots It = Slots.Of(new Mention());

    /// <summary>Gets the things with their places, and the background.</summary>
    public Slots Everything => new() { Things = [.. scene.Objects.Select(Mentions.Whole)], Ground = scene.Background.Name };

    /// <summary>Gets the background.</summary>
    public Slots Background => new() { Ground = scene.Background.Name };

    /// <summary>Says an answer in a form, or in any if there is none in that form.</summary>
    public string Say(string intent, Slots slots, string form) =>
        Wording.Say(intent, slots, language, dice, Wording.CanSay(intent, slots, language, form) ? form : null).Text;

    /// <summary>Whether the background is a given one.</summary>
    public (Slots, Func<string, string>, Cell?)? GroundIs()
    {
        bool so = dice.Chance(0.5);
        ThingBackground asked = so ? scene.Background : dice.Pick(ThingCatalogue.Backgrounds.AsSpan());
        so = asked == scene.Background;
        return (
            new Slots { Ground = asked.Name },
            form => so ? Say("answer.is.yes", It, form) : Say("answer.ground.no", Background, form),
            null);
    }

    /// <summary>How many there are of a kind, as often of what is there as of what may not be.</summary>
    public (Slots, Func<string, string>, Cell?)? Count()
    {
        PlacedThing thing = dice.Pick(scene.Objects.AsSpan());
        string? colour = dice.Chance(0.7) ? thing.ApparentColour?.Name : dice.Pick(ThingCatalogue.Colours.AsSpan()).Name;
        string item = dice.Chance(0.75) ? thing.Thing.Name : dice.Pick(ThingCatalogue.Things.AsSpan()).Name;
        Mention what = dice.Below(5) switch
        {
            0 when colour is not null => new Mention { Colour = colour },
            1 => new Mention { Item = item, Colour = colour },
            _ => new Mention { Item = item },
        };
        what = Refusals.Named(what, language, dice, countable: true);
        int count = Mentions.Meant(what, scene).Count();
        return (
            Slots.Of(what),
            form => count == 0
                ? Say("answer.count.none", Slots.Of(what), form)
                : Say("answer.count", Slots.Of(what with { Count = count }), form),
            null);
    }

    /// <summary>Which colour a thing has.</summary>
    public (Slots, Func<string, string>, Cell?)? Colour() =>
        One(one => one with { Colour = null }) is var (thing, mention)
            ? (Slots.Of(mention), form => SayColour(thing, mention, "answer.colour", form), thing.Cell)
            : null;

    /// <summary>Whether a thing has a given colour.</summary>
    public (Slots, Func<string, string>, Cell?)? ColourIs()
    {
        if (One(one => one with { Colour = null }) is not var (thing, mention) || mention.Item is null)
        {
            return null;
        }

        bool so = thing.ApparentColour is not null && dice.Chance(0.5);
        string colour = so ? thing.ApparentColour!.Name : dice.Pick(ThingCatalogue.Colours.AsSpan()).Name;
        so = thing.ApparentColour?.Name == colour;
        return (
            Slots.Of(mention) with { Colour = colour },
            form => so ? Say("answer.is.yes", Slots.Of(mention), form)
                : thing.ApparentColour is null ? Say("answer.is.no", Slots.Of(mention), form)
                : SayColour(thing, mention, "answer.colour.no", form),
            thing.Cell);
    }

    /// <summary>Where a thing is.</summary>
    public (Slots, Func<string, string>, Cell?)? Where() =>
        One(one => one with { Place = null }) is var (thing, mention)
            ? (Slots.Of(mention),
                form => Say("answer.where", Slots.Of(mention with { Place = Ids.Of(thing.Cell) }), form),
                thing.Cell)
            : null;

    /// <summary>How big a thing is.</summary>
    public (Slots, Func<string, string>, Cell?)? Size() =>
        One(one => one with { Size = null }) is var (thing, mention)
            ? (Slots.Of(mention),
                form => Say("answer.size", Slots.Of(mention) with { Size = Ids.Of(thing.Size) }, form),
                thing.Cell)
            : null;

    /// <summary>Whether there is something, as often of what is there as of what isn't.</summary>
    public (Slots, Func<string, string>, Cell?)? Exists()
    {
        PlacedThing thing = dice.Pick(scene.Objects.AsSpan());
        bool wanted = dice.Chance(0.5), coloured = dice.Chance(0.4);
        bool sameItem = wanted || (coloured && dice.Chance(0.5));
        Mention what = Refusals.Named(
            new Mention
            {
                Item = sameItem ? thing.Thing.Name : dice.Pick(ThingCatalogue.Things.AsSpan()).Name,
                Colour = !coloured ? null
                    : wanted ? thing.ApparentColour?.Name
                    : dice.Pick(ThingCatalogue.Colours.AsSpan()).Name,
                Count = dice.Chance(0.2) ? 2 : 1,
            },
            language, dice, countable: true);
        int count = Mentions.Meant(what, scene).Count();
        return (
            Slots.Of(what),
            form => count == 0
                ? Say("answer.exists.no", Slots.Of(what), form)
                : Say("answer.exists.yes", Slots.Of(what with { Count = count }), form),
            null);
    }

    /// <summary>Whether a thing stands in a relation to another. Half of the relations hold: of all about a third do, and a no
    /// would always be the better guess.</summary>
    public (Slots, Func<string, string>, Cell?)? Stands()
    {
        if (One(one => one with { Place = null }) is not var (one, a)
            || One(one => one with { Place = null }) is not var (other, b)
            || one.Cell == other.Cell)
        {
            return null;
        }

        string[] all = [.. Enum.GetValues<Relation>().Select(Ids.Of)];
        all = Mentions.IsAcross(one, other) ? all : [.. all, Ids.NextTo];
        bool wanted = dice.Chance(0.5);
        string[] fit = [.. all.Where(relation => Mentions.Stands(one, relation, other, scene) == wanted)];
        string asked = dice.Pick<string>(fit);
        return (
            Slots.Of(a, b) with { Relation = asked },
            form => wanted ? Say("answer.is.yes", Slots.Of(a), form)
                : asked == Ids.NextTo ? Say("answer.is.no", Slots.Of(a), form)
                : Say("answer.relation.no", Slots.Of(a, b) with { Relation = True(one, asked, other) }, form),
            one.Cell);
    }

    /// <summary>What is in a cell.</summary>
    public (Slots, Func<string, string>, Cell?)? What()
    {
        Cell cell = dice.Chance(0.75) ? dice.Pick(scene.Objects.AsSpan()).Cell : Cell.At(dice.Below(Cell.Count));
        return (
            new Slots { Place = Ids.Of(cell) },
            form => scene.At(cell) is { } thing
                ? Say("answer.what", Slots.Of(Mentions.Look(thing)), form)
                : Say("answer.nothing", Slots.None, form),
            scene.At(cell)?.Cell);
    }

    /// <summary>What stands beside a thing.</summary>
    public (Slots, Func<string, string>, Cell?)? Beside()
    {
        if (One(one => one with { Place = null }) is not var (anchor, mention))
        {
            return null;
        }

        string relation = dice.Chance(0.15) ? Ids.NextTo : Ids.Of(dice.Any<Relation>());
        PlacedThing[] found = [.. scene.Objects.Where(one =>
            one.Cell != anchor.Cell && Mentions.Stands(one, relation, anchor, scene))];
        bool unclear = relation == Ids.NextTo && scene.Objects.Any(one => Mentions.IsAcross(one, anchor));
        return unclear || (found.Length == 0 && dice.Chance(0.5))
            ? null
            : (Slots.Of(mention, mention) with { Relation = relation },
                form => SayThings(found, "answer.nothing", Slots.None, form),
                null);
    }

    /// <summary>Which things have a colour.</summary>
    public (Slots, Func<string, string>, Cell?)? Which()
    {
        ThingColour? colour = dice.Chance(0.8)
            ? dice.Pick(scene.Objects.AsSpan()).ApparentColour
            : dice.Pick(ThingCatalogue.Colours.AsSpan());
        if (colour is null)
        {
            return null;
        }

        PlacedThing[] found = [.. scene.Objects.Where(one => one.ApparentColour == colour)];
        return (
            new Slots { Colour = colour.Name },
            form => SayThings(found, "answer.count.none", Slots.Of(new Mention { Colour = colour.Name }), form),
            null);
    }

    private string SayThings(PlacedThing[] found, string none, Slots about, string form) => found.Length == 0
        ? Say(none, about, form)
        : Say("answer.things", new Slots { Things = [.. found.GroupBy(Mentions.Look).Select(Group)] }, form);

    private static Mention Group(IGrouping<Mention, PlacedThing> alike) => alike.Key with { Count = alike.Count() };

    private string SayColour(PlacedThing thing, Mention mention, string intent, string form) => thing.ApparentColour is { } colour
        ? Say(intent, Slots.Of(mention) with { Colour = colour.Name }, form)
        : Say("answer.colour.natural", Slots.Of(mention), form);

    private (PlacedThing, Mention)? One(Func<Mention, Mention> without)
    {
        PlacedThing thing = dice.Pick(scene.Objects.AsSpan());
        return References.To(scene, thing, dice, without) is { } mention
            ? (thing, Refusals.Named(mention, language, dice))
            : null;
    }

    // What is so instead of what was asked, along the same direction if possible.
    private string True(PlacedThing one, string asked, PlacedThing other)
    {
        bool upright = asked is "above" or "below";
        Relation[] order = upright
            ? [Relation.Above, Relation.Below, Relation.Left, Relation.Right]
            : [Relation.Left, Relation.Right, Relation.Above, Relation.Below];
        return Ids.Of(order.First(relation => one.Cell.Is(relation, other.Cell)));
    }
}
