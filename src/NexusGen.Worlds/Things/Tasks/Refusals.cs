using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>Requests for changes that can't be done, and what the model replies in words.</summary>
internal static class Refusals
{
    /// <summary>
    /// The kinds: a thing that isn't there, a full image, a taken cell, no cell beside a thing, no clear thing, a thing that is
    /// as big or as small as can be, and no image at all.
    /// </summary>
    public static ImmutableArray<string> Kinds { get; } =
        ["missing", "crowded", "taken", "edge", "which", "extreme", "nopicture"];

    // What would be a request for a new image where there is none isn't among them.
    private static readonly ImmutableArray<string> OfPictures =
        ["remove", "replace", "recolour", "natural", "bigger", "smaller", "medium", "ground", "swap"];

    /// <summary>Draws a request about the image of a conversation, or without one for "nopicture", and its reply.</summary>
    /// <returns>Both, or null if the scene allows no such request.</returns>
    public static (string Text, string Reply)? Make(Dialogue dialogue, string kind)
    {
        Dice dice = dialogue.Dice;
        TextLanguage language = dialogue.Language;
        if (kind == "nopicture")
        {
            return NoPicture(dialogue);
        }

        ThingScene scene = dialogue.Current!;
        PlacedThing thing = dice.Pick(scene.Objects.AsSpan());
        (string Intent, Slots Slots, string Reply, Slots About)? found = kind switch
        {
            "missing" => Missing(scene, dice, language),
            "crowded" => Full(scene, dice),
            "taken" => Taken(scene, thing, dice, language),
            "edge" => Edge(scene, thing, dice, language),
            "which" => Which(scene, thing, dice, language),
            _ => Extreme(scene, thing, dice, language),
        };
        return found is var (intent, slots, reply, about)
            ? (Wording.Realize("edit." + intent, slots, language, dice), Wording.Realize(reply, about, language, dice))
            : null;
    }

    /// <summary>Returns a mention with a name for both the question and the reply.</summary>
    public static Mention Named(Mention mention, TextLanguage language, Dice dice, bool countable = false) =>
        mention.Item is null
            ? mention
            : mention with { Name = Lexicon.Of(language).PickName(mention.Item, dice, countable || mention.Count > 1).Text };

    private static (string, Slots, string, Slots)? Missing(ThingScene scene, Dice dice, TextLanguage language)
    {
        bool other = dice.Chance(0.3);
        var mention = new Mention
        {
            Item = other ? dice.Pick(scene.Objects.AsSpan()).Thing.Name : dice.Pick(ThingCatalogue.Things.AsSpan()).Name,
            Colour = other || dice.Chance(0.2) ? dice.Pick(ThingCatalogue.Colours.AsSpan()).Name : null,
        };
        mention = Named(mention, language, dice);
        if (Mentions.Meant(mention, scene).Any())
        {
            return null;
        }

        string kind = dice.Pick("remove", "recolour", "bigger", "smaller", "move", "replace");
        Slots slots = kind switch
        {
            "recolour" => Slots.Of(mention) with { Colour = Other(mention.Colour, dice) },
            "move" => Slots.Of(mention) with { Place = Ids.Of(Cell.At(dice.Below(Cell.Count))) },
            "replace" => Slots.Of(mention, Changes.New(dice)),
            _ => Slots.Of(mention),
        };
        return (kind, slots, "refuse.missing", Slots.Of(mention));
    }

    private static (string, Slots, string, Slots)? Full(ThingScene scene, Dice dice)
    {
        if (scene.Objects.Length < ThingScene.MaxObjects)
        {
            return null;
        }

        PlacedThing anchor = dice.Pick(scene.Objects.AsSpan());
        Cell free = ThingLayout.FreeCell(scene.Objects);
        (string, Slots)? found = dice.Below(4) switch
        {
            0 when References.To(scene, anchor, dice) is { } beside =>
                ("beside", Slots.Of(Changes.New(dice), beside) with { Relation = Ids.Of(dice.Any<Relation>()) }),
            1 => ("more", Slots.Of(new Mention { Item = anchor.Thing.Name, Count = dice.Chance(0.2) ? 2 : 1 })),
            2 => ("add", Slots.Of(Changes.New(dice) with { Place = Ids.Of(free) })),
            _ => ("add", Slots.Of(Changes.New(dice))),
        };
        return found is var (kind, slots) ? (kind, slots, "refuse.full", Slots.None) : null;
    }

    private static (string, Slots, string, Slots)? Taken(ThingScene scene, PlacedThing thing, Dice dice, TextLanguage language)
    {
        string place = Ids.Of(thing.Cell);
        PlacedThing moved = dice.Pick(scene.Objects.AsSpan());
        if (dice.Chance(0.4) && moved.Cell != thing.Cell)
        {
            return References.To(scene, moved, dice) is { } mention
                ? ("move", Slots.Of(Named(mention, language, dice)) with { Place = place }, "refuse.taken", About(mention))
                : null;
        }

        Mention what = Changes.New(dice) with { Place = place };
        return scene.Objects.Length < ThingScene.MaxObjects ? ("add", Slots.Of(what), "refuse.taken", About(what)) : null;

        Slots About(Mention mention) => Slots.Of(mention with { Place = null }) with { Place = place };
    }

    private static (string, Slots, string, Slots)? Edge(ThingScene scene, PlacedThing thing, Dice dice, TextLanguage language)
    {
        Relation relation = dice.Any<Relation>();
        if (thing.Cell.Next(relation).IsInside || scene.Objects.Length == ThingScene.MaxObjects
            || References.To(scene, thing, dice) is not { } anchor)
        {
            return null;
        }

        Mention what = Changes.New(dice);
        anchor = Named(anchor, language, dice);
        return ("beside", Slots.Of(what, anchor) with { Relation = Ids.Of(relation) },
            "refuse.edge", Slots.Of(anchor, what) with { Relation = Ids.Of(relation) });
    }

    private static (string, Slots, string, Slots)? Which(ThingScene scene, PlacedThing thing, Dice dice, TextLanguage language)
    {
        Mention mention = Named(new Mention { Item = thing.Thing.Name }, language, dice, countable: true);
        if (Mentions.IsClear(mention, scene))
        {
            return null;
        }

        string kind = dice.Pick("remove", "recolour", "bigger", "smaller", "move", "replace");
        Slots slots = kind switch
        {
            "recolour" => Slots.Of(mention) with { Colour = Other(null, dice) },
            "move" => Slots.Of(mention) with { Place = Ids.Of(ThingLayout.FreeCell(scene.Objects)) },
            "replace" => Slots.Of(mention, Changes.New(dice)),
            _ => Slots.Of(mention),
        };
        return (kind, slots, "refuse.which", Slots.Of(mention));
    }

    private static (string, Slots, string, Slots)? Extreme(
        ThingScene scene, PlacedThing thing, Dice dice, TextLanguage language)
    {
        if (thing.Size == ThingSize.Medium
            || References.To(scene, thing, dice, one => one with { Size = null }) is not { } mention)
        {
            return null;
        }

        mention = Named(mention, language, dice);
        bool big = thing.Size == ThingSize.Big;
        return (big ? "bigger" : "smaller", Slots.Of(mention), big ? "refuse.biggest" : "refuse.smallest", Slots.Of(mention));
    }

    // What the request says of the image that isn't there is taken from any scene.
    private static (string, string)? NoPicture(Dialogue dialogue)
    {
        Dice dice = dialogue.Dice;
        ThingScene imagined = dialogue.Scope.DrawSource(dice);
        string? text = dice.Chance(0.3)
            ? Questions.Ask(imagined, dice, dialogue.Language, dice.Pick(Questions.Kinds.AsSpan()))?.Question
            : new Changes(imagined, dice).Make(dice.Pick(OfPictures.AsSpan())) is { } change
                ? Wording.Realize("edit." + change.Intent, change.Slots, dialogue.Language, dice)
                : null;
        return text is null ? null : (text, Wording.Realize("refuse.nopicture", Slots.None, dialogue.Language, dice));
    }

    private static string Other(string? colour, Dice dice)
    {
        while (true)
        {
            string other = dice.Pick(ThingCatalogue.Colours.AsSpan()).Name;
            if (other != colour)
            {
                return other;
            }
        }
    }
}
