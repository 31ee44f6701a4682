using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Things.Answers;
using NexusGen.Worlds.Things.Judging;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Tasks;
using NexusGen.Worlds.Things.Texts.Suites;

namespace NexusGen.Cli.Evaluation;

/// <summary>
/// A conversation with a model, turn by turn as a user would have it: the model's own replies and images are its history, whether
/// they are right or not.
/// </summary>
/// <param name="chat">The conversation.</param>
/// <param name="send">Sends a turn.</param>
internal sealed class ThingConversation(Chat chat, Func<Chat, string, IReadOnlyList<RgbImage>, Task<Reply>> send)
{
    /// <summary>The fault of a reply without the image that it must have.</summary>
    public const string NoImage = "no image was generated";

    /// <summary>The fault of a reply with an image that it must not have.</summary>
    public const string Image = "an image instead of an answer";

    private readonly List<string> _said = [];
    private readonly List<string> _faults = [];
    private int _turns;

    private string Said => string.Join(" | ", _said);

    /// <summary>Has the conversation of a sample.</summary>
    /// <param name="item">The case.</param>
    /// <param name="sample">The turns and the expected replies.</param>
    public async Task<EvaluatedCase> RunAsync(EvaluationCase item, ThingSample sample)
    {
        int shown = 0;
        ThingScene? current = null;
        RgbImage? before = null, drawn = null;
        EditVerdict? edit = null;
        for (int i = 0; i + 1 < sample.Turns.Length; i += 2)
        {
            (string text, string expected) = (sample.Turns[i].Text, sample.Turns[i + 1].Text);
            ThingScene[] scenes = [.. sample.Pictures.Skip(shown).Take(Marks(text))];
            shown += scenes.Length;

            // The conversation's last image is attached by itself.
            bool attaches = scenes.Length > 1 || (scenes.Length == 1 && !ReferenceEquals(scenes[0], current));
            RgbImage[] images = attaches ? [.. scenes.Select(ThingEvaluation.Render)] : [];
            before = images.LastOrDefault() ?? drawn ?? before;
            string words = attaches ? text : text.Replace(ThingSample.ImageMark, "", StringComparison.Ordinal).TrimStart();
            Reply reply = await send(chat, words, images);
            drawn = reply.Images.LastOrDefault()?.Image;
            current = scenes.LastOrDefault() ?? current;
            if (Marks(expected) > 0)
            {
                current = sample.Pictures[shown++];
                bool isLastEdit = i + 2 == sample.Turns.Length && sample.Source is not null;
                edit = isLastEdit && drawn is not null
                    ? ThingJudge.CheckEdit(ThingEvaluation.ToPicture(drawn), sample.Source!, current)
                    : null;
                Add(reply, drawn is null ? NoImage
                    : edit is not null ? (edit.IsRight ? null : edit.ToString())
                    : Fault(ThingJudge.Check(ThingEvaluation.ToPicture(drawn), current)));
            }
            else
            {
                AddWords(reply, drawn, said => ThingAnswerJudge.Check(expected, said, sample.Language));
            }
        }

        EvaluatedCase result = Result(item, drawn);
        result = item.Suite == ThingSuites.Conversation ? WithScore(result) : result;
        return edit is null ? result : result.OfEdit(edit, before!, drawn!);
    }

    /// <summary>Has a conversation of the paraphrase suite.</summary>
    /// <param name="item">The case.</param>
    /// <param name="asked">The turns and what must come back.</param>
    public async Task<EvaluatedCase> RunAsync(EvaluationCase item, ParaphraseCase asked)
    {
        RgbImage? drawn = null;
        foreach (ParaphraseTurn turn in asked.Turns)
        {
            Reply reply = await send(chat, turn.Text, []);
            drawn = reply.Images.LastOrDefault()?.Image;
            if (turn.Reply == "picture")
            {
                Add(reply, drawn is null
                    ? NoImage
                    : Fault(ParaphraseJudge.Check(turn.Picture!, ThingJudge.Read(ThingEvaluation.ToPicture(drawn)))));
            }
            else
            {
                AddWords(reply, drawn, said => IsRight(turn, said, item)
                    ? Verdict.Good
                    : new Verdict([new Fault(FaultKind.WrongAnswer, $"\"{said}\" to \"{turn.Text}\"")]));
            }
        }

        return WithScore(Result(item, drawn));
    }

    private static bool IsRight(ParaphraseTurn turn, string said, EvaluationCase item) =>
        (turn.Reply != "refusal" || ReplyIntents.Of(item.Language).IsRefusal(said))
        && turn.Answer?.IsSaidBy(said, item.Language) != false;

    private static int Marks(string text) => text.Split(ThingSample.ImageMark).Length - 1;

    private static string? Fault(Verdict verdict) => verdict.IsRight ? null : verdict.ToString();

    private void AddWords(Reply reply, RgbImage? drawn, Func<string, Verdict> judge)
    {
        Add(reply, drawn is not null ? Image : Fault(judge(reply.PlainText.Trim())));
    }

    private void Add(Reply reply, string? fault)
    {
        _turns++;
        _said.Add(reply.PlainText.Trim());
        if (fault is not null)
        {
            _faults.Add($"turn {_turns}: {fault}");
        }
    }

    private EvaluatedCase Result(EvaluationCase item, RgbImage? drawn) => _faults.Count == 0
        ? item.Succeed(Said, drawn)
        : item.Fail(Said, string.Join("; ", _faults), drawn);

    private EvaluatedCase WithScore(EvaluatedCase result) =>
        result with { Score = (_turns - _faults.Count) / (double)_turns };
}
