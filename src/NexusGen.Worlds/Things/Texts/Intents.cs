using System.Collections.Immutable;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>
/// The intents that <see cref="Wording"/> knows, by family. What each takes: <c>draw.*</c> <see cref="Slots.Things"/> (one for
/// <c>one</c>, <c>count</c> and <c>place</c>, two and a <see cref="Slots.Relation"/> for <c>relation</c>) and, if given, a
/// <see cref="Slots.Ground"/>; <c>edit.*</c> and <c>ask.*</c> the thing that is meant first, then the new or other thing, or the
/// new <see cref="Slots.Colour"/>, <see cref="Slots.Place"/> or <see cref="Slots.Ground"/>; <c>edit.two</c> two
/// <see cref="Slots.Texts"/> made by <see cref="Wording.Raw"/> of <c>edit.plain.*</c>; <c>limit.*</c> a
/// <see cref="Slots.Word"/> or <see cref="Slots.Phrase"/> of <see cref="OffWorld"/>; <c>talk.*</c> nothing. Answers and refusals
/// take what they talk about; see <c>Wordings/README.md</c>.
/// </summary>
public static class Intents
{
    /// <summary>Requests for a new picture.</summary>
    public static ImmutableArray<string> Draws { get; } =
    [
        "draw.one", "draw.several", "draw.count", "draw.place", "draw.relation", "draw.scene", "draw.geneval",
        "draw.geneval.relation",
    ];

    /// <summary>Changes of a picture.</summary>
    public static ImmutableArray<string> Edits { get; } =
    [
        "edit.add", "edit.beside", "edit.more", "edit.remove", "edit.replace", "edit.recolour", "edit.natural", "edit.bigger",
        "edit.smaller", "edit.medium", "edit.move", "edit.movebeside", "edit.ground", "edit.swap", "edit.two",
    ];

    /// <summary>Changes without a mark, to be joined by <c>edit.two</c>.</summary>
    public static ImmutableArray<string> PlainEdits { get; } =
    [
        "edit.plain.add", "edit.plain.beside", "edit.plain.remove", "edit.plain.replace", "edit.plain.recolour",
        "edit.plain.bigger", "edit.plain.smaller", "edit.plain.medium", "edit.plain.move", "edit.plain.ground",
        "edit.plain.swap",
    ];

    /// <summary>Back to an earlier picture, or the same once more; <c>backto</c> names it by a thing that it shows.</summary>
    public static ImmutableArray<string> Returns { get; } = ["edit.undo", "edit.first", "edit.again", "edit.backto"];

    /// <summary>Questions about a picture.</summary>
    public static ImmutableArray<string> Questions { get; } =
    [
        "ask.describe", "ask.count", "ask.total", "ask.colour", "ask.where", "ask.exists", "ask.relation", "ask.what",
        "ask.beside", "ask.size", "ask.ground", "ask.groundis", "ask.colouris", "ask.which", "ask.same",
    ];

    /// <summary>Answers to questions.</summary>
    public static ImmutableArray<string> Answers { get; } =
    [
        "answer.describe", "answer.count", "answer.count.none", "answer.total", "answer.colour", "answer.colour.natural",
        "answer.where", "answer.exists.yes", "answer.exists.no", "answer.is.yes", "answer.is.no", "answer.relation.no",
        "answer.ground.no", "answer.colour.no", "answer.what", "answer.nothing", "answer.size", "answer.ground",
        "answer.things", "answer.same.yes", "answer.same.no",
    ];

    /// <summary>What gets words. The reply to <c>talk.x</c> is <c>reply.x</c>.</summary>
    public static ImmutableArray<string> Talks { get; } =
    [
        "talk.hello", "talk.thanks", "talk.praise", "talk.bye", "talk.who", "talk.can", "talk.colours", "talk.grounds",
        "talk.sizes", "talk.limits", "talk.mood", "talk.ok", "talk.complaint",
    ];

    /// <summary>What the world can't do.</summary>
    public static ImmutableArray<string> Limits { get; } =
    [
        "limit.thing", "limit.with", "limit.add", "limit.replace", "limit.count", "limit.crowd", "limit.style",
        "limit.restyle", "limit.colour", "limit.recolour", "limit.action", "limit.detail", "limit.adddetail", "limit.ground",
        "limit.other", "limit.nonsense", "limit.garbage", "limit.empty",
    ];

    /// <summary>Replies to what can't be done, or not with this picture.</summary>
    public static ImmutableArray<string> Refusals { get; } =
    [
        "refuse.thing", "refuse.count", "refuse.style", "refuse.colour", "refuse.action", "refuse.detail", "refuse.ground",
        "refuse.other", "refuse.nonsense", "refuse.empty", "refuse.missing", "refuse.nopicture", "refuse.full", "refuse.taken",
        "refuse.which", "refuse.edge", "refuse.biggest", "refuse.smallest",
    ];

    /// <summary>The reply to an intent of <see cref="Talks"/> or <see cref="Limits"/>.</summary>
    /// <param name="intent">The intent.</param>
    /// <returns>The intent of the reply.</returns>
    /// <exception cref="ArgumentException">The intent is of another family.</exception>
    public static string ReplyTo(string intent)
    {
        ArgumentNullException.ThrowIfNull(intent);
        return intent switch
        {
            "limit.with" or "limit.add" or "limit.replace" => "refuse.thing",
            "limit.crowd" => "refuse.count",
            "limit.restyle" => "refuse.style",
            "limit.recolour" => "refuse.colour",
            "limit.adddetail" => "refuse.detail",
            "limit.garbage" => "refuse.nonsense",
            _ when intent.StartsWith("talk.", StringComparison.Ordinal) => "reply." + intent["talk.".Length..],
            _ when intent.StartsWith("limit.", StringComparison.Ordinal) => "refuse." + intent["limit.".Length..],
            _ => throw new ArgumentException($"{intent} has no fixed reply.", nameof(intent)),
        };
    }
}
