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
                ThingScene wanted = current;
                AddImage(reply, drawn, image => ThingJudge.Check(ThingEvaluation.ToPicture(image), wanted));
            }
            else
            {
                AddWords(reply, drawn, said => ThingAnswerJudge.Check(expected, said, sample.Language));
            }
        }

        return item.Suite == ThingSuites.Conversation ? Scored(item, drawn)
            : drawn is not null && before is not null && sample.Source is { } source && sample.Target is { } target
                ? Edited(item, ThingJudge.CheckEdit(ThingEvaluation.ToPicture(drawn), source, target), before, drawn)
                : Whole(item, drawn);
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
                AddImage(reply, drawn, image => ParaphraseJudge.Check(
                    turn.Picture!, ThingJudge.Read(ThingEvaluation.ToPicture(image))));
            }
            else
            {
                AddWords(reply, drawn, said => IsRight(turn, said, item)
                    ? Verdict.Good
                    : new Verdict([new Fault(FaultKind.WrongAnswer, $"\"{said}\" to \"{turn.Text}\"")]));
            }
        }

        return Scored(item, drawn);
    }

    private static bool IsRight(ParaphraseTurn turn, string said, EvaluationCase item) =>
        (turn.Reply != "refusal" || ReplyIntents.Of(item.Language).IsRefusal(said))
        && turn.Answer?.IsSaidBy(said, item.Language) != false;

    private static int Marks(string text) => text.Split(ThingSample.ImageMark).Length - 1;

    private void AddImage(Reply reply, RgbImage? drawn, Func<RgbImage, Verdict> judge)
    {
        Add(reply, drawn is null
            ? "no image was generated"
            : judge(drawn) is { IsRight: false } wrong ? wrong.ToString() : null);
    }

    private void AddWords(Reply reply, RgbImage? drawn, Func<string, Verdict> judge)
    {
        Add(reply, drawn is not null
            ? "an image instead of an answer"
            : judge(reply.PlainText.Trim()) is { IsRight: false } wrong ? wrong.ToString() : null);
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

    private EvaluatedCase Scored(EvaluationCase item, RgbImage? drawn) =>
        new(item, _faults.Count == 0, Said, string.Join("; ", _faults), drawn)
        {
            Score = (_turns - _faults.Count) / (double)_turns,
        };

    private EvaluatedCase Whole(EvaluationCase item, RgbImage? drawn) => _faults.Count == 0
        ? item.Succeed(Said, drawn)
        : item.Fail(Said, string.Join("; ", _faults), drawn);

    private EvaluatedCase Edited(EvaluationCase item, EditVerdict verdict, RgbImage before, RgbImage after) =>
        Whole(item, after) with
        {
            ChangeRight = verdict.Change.IsRight,
            RestRight = verdict.Rest.IsRight,
            OutsidePsnr = OutsidePsnr.Measure(before, after, item.Source!(), item.Target!()),
        };
}
