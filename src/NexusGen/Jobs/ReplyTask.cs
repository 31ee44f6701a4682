using NexusGen.Autoregressive;
using NexusGen.Engine;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Text;
using static TorchSharp.torch;

namespace NexusGen.Jobs;

/// <summary>Carries out requests: reads their pictures, writes the replies as one batch, paints what was drawn.</summary>
internal sealed class ReplyTask(
    ModelStages stages, IReadOnlyList<ReplyPlan> plans, Action<int, ReplyUpdate>? update, IProgress<ProgressReport>? progress)
{
    private readonly PromptReader _reader = new(stages.Files);
    private readonly List<Tensor?[]> _seen = [];
    private readonly List<GridThw[]> _grids = [];
    private readonly ImageEmbeddings?[] _sources = new ImageEmbeddings?[plans.Count];
    private readonly StreamedText[] _texts = [.. plans.Select(plan => new StreamedText(stages.Files.Tokenizer, plan.Reply.StopSequences))];
    private readonly string[] _plain = [.. plans.Select(_ => "")];
    private readonly List<ImageEmbeddings>[] _drawn = [.. plans.Select(_ => new List<ImageEmbeddings>())];

    /// <summary>The replies, when the steps have ended.</summary>
    public Reply[] Replies { get; } = new Reply[plans.Count];

    public IEnumerable<JobState> Steps()
    {
        // Before anything is computed.
        if (plans.FirstOrDefault(plan => plan.Paint.NeedsNegative) is { Paint.NegativePrompt: var negative })
        {
            stages.RequireTextEncoders(negative);
        }

        try
        {
            foreach (JobState state in Look().Concat(Write()))
            {
                yield return state;
            }
        }
        finally
        {
            foreach (Tensor? tensor in _seen.SelectMany(row => row))
            {
                tensor?.Dispose();
            }
        }

        for (int row = 0; row < plans.Count; row++)
        {
            foreach (JobState state in Paint(row))
            {
                yield return state;
            }

            update?.Invoke(row, new ReplyUpdate.Finished(Replies[row]));
        }
    }

    private IEnumerable<JobState> Look()
    {
        _seen.AddRange(plans.Select(plan => new Tensor?[plan.Pictures.Count]));
        _grids.AddRange(plans.Select(plan => new GridThw[plan.Pictures.Count]));
        int total = plans.Sum(plan => plan.Pictures.Count(picture => picture.Image is not null) + (plan.Paint.Source is null ? 0 : 1)), done = 0;
        if (total == 0)
        {
            yield break;
        }

        StageLease<VisionEncoder>? eye = null;
        try
        {
            foreach (JobState state in StageAccess.Acquire(stages.Cache, stages.Eye, lease => eye = lease, progress))
            {
                yield return state;
            }

            for (int row = 0; row < plans.Count; row++)
            {
                for (int i = 0; i < plans[row].Pictures.Count; i++)
                {
                    if (plans[row].Pictures[i].Image is { } image)
                    {
                        (Tensor embeddings, _grids[row][i]) = _reader.Look(image, eye!.Value, resize: null);
                        _seen[row][i] = embeddings.DetachFromDisposeScope();
                        progress?.Report(new ProgressReport(ProgressPhase.Reading, ++done, total));
                        yield return JobState.Working;
                    }
                }

                if (plans[row].Paint.Source is { } source)
                {
                    (int width, int height) = _reader.SizeOf(stages.Files.Configuration.Grids.Source);
                    (Tensor embeddings, GridThw grid) = _reader.Look(Resampler.Resize(source, width, height, ResampleFilter.Bilinear), eye!.Value);
                    _sources[row] = ImageEmbeddings.From(embeddings, grid);
                    progress?.Report(new ProgressReport(ProgressPhase.Reading, ++done, total));
                    yield return JobState.Working;
                }
            }
        }
        finally
        {
            eye?.Dispose();
        }
    }

    private IEnumerable<JobState> Write()
    {
        StageLease<LanguageModel>? model = null;
        WritingPlace? place = null;
        try
        {
            foreach (JobState state in StageAccess.Acquire(stages.Cache, stages.LanguageModel, lease => model = lease, progress).Concat(stages.Writing.Room(plans.Count)))
            {
                yield return state;
            }

            place = stages.Writing.Begin(model!.Value, [.. plans.Select((plan, row) => (Prompt(row, model.Value), Options(row)))]);
            foreach ((int row, ReplySequence sequence) in place.Sequences.Index())
            {
                sequence.TokenWritten += token => Say(row, _texts[row].Append(token));
                sequence.PictureDrawn += index => update?.Invoke(row, new ReplyUpdate.DrawingStarted(index));
            }

            bool more = true;
            while (more)
            {
                more = place.Step();
                progress?.Report(new ProgressReport(ProgressPhase.Writing, place.Sequences.Sum(sequence => sequence.GeneratedCount), null));
                yield return JobState.Working;
            }

            for (int row = 0; row < plans.Count; row++)
            {
                Finish(row, place.Sequences[row]);
            }
        }
        finally
        {
            place?.Dispose();
            model?.Dispose();
        }
    }

    private void Say(int row, string text)
    {
        if (text.Length > 0)
        {
            _plain[row] += text;
            update?.Invoke(row, new ReplyUpdate.TextDelta(text));
        }
    }

    private ReplyPrompt Prompt(int row, LanguageModel model)
    {
        ReplyPlan plan = plans[row];
        string text = ChatTemplate.Render(plan.Messages, addGenerationPrompt: true);
        GridThw[] grids = [.. plan.Pictures.Select((picture, i) => picture.Image is null ? stages.Files.Configuration.Grids.Drawn : _grids[row][i])];
        int merge = stages.Files.LanguageModel.Vision.SpatialMergeSize;
        int[] ids = ImagePlaceholders.Expand(
            stages.Files.Tokenizer.Encode(text), stages.Files.LanguageModel.ImageTokenId, [.. grids.Select(grid => (int)grid.Tokens(merge))]);
        Tensor[] embeddings = [.. _seen[row].Select(seen => seen ?? model.ImagePrefill)];
        return new ReplyPrompt(ids, embeddings.Length == 0 ? null : cat(embeddings, 0), grids);
    }

    private ReplyOptions Options(int row)
    {
        ReplySettings settings = plans[row].Reply;
        SamplingOptions own = stages.Files.Generation.Sampling;
        return new ReplyOptions
        {
            MaxNewTokens = settings.MaxNewTokens,
            EosTokenIds = stages.Files.Generation.EosTokenIds,
            DrawnGrid = stages.Files.Configuration.Grids.Drawn,
            Plain = stages.Files.Configuration.PlainAutoregression,
            Positions = settings.Positions ?? stages.Files.Configuration.Defaults.Positions,
            ForceDrawing = settings.ForceDrawing,
            StopWhen = settings.StopSequences.Count == 0 ? null : StopWhen(row),
            Sampling = own with
            {
                Temperature = settings.Temperature ?? own.Temperature,
                TopK = settings.TopK ?? own.TopK,
                TopP = settings.TopP ?? own.TopP,
                RepetitionPenalty = settings.RepetitionPenalty ?? own.RepetitionPenalty,
                Seed = settings.Seed,
            },
        };
    }

    // Asked before the token is told of, so with a decoder of its own.
    private Func<IReadOnlyList<int>, bool> StopWhen(int row)
    {
        var text = new StreamedText(stages.Files.Tokenizer, plans[row].Reply.StopSequences);
        int seen = 0;
        return ids =>
        {
            for (; seen < ids.Count; seen++)
            {
                text.Append(ids[seen]);
            }

            return text.Stopped;
        };
    }

    private void Finish(int row, ReplySequence sequence)
    {
        Say(row, _texts[row].Flush());
        int[] ids = [.. sequence.GeneratedIds];
        _drawn[row].AddRange(sequence.Drawn.Select(tensor => ImageEmbeddings.From(tensor, sequence.Options.DrawnGrid)));
        string text = sequence.Finish == FinishReason.StopSequence ? _plain[row] : ReplyText.WithImageTags(stages.Files.Tokenizer, ids);
        Replies[row] = new TextReply(text, _plain[row], ids, sequence.Finish!.Value) { PromptTokenCount = sequence.Prompt.Ids.Count };
    }

    private IEnumerable<JobState> Paint(int row)
    {
        List<DrawnPicture> pictures = [];
        for (int index = 0; index < _drawn[row].Count; index++)
        {
            int number = index;
            var task = new PaintTask(
                stages, plans[row].Paint, index, _drawn[row][index], _sources[row],
                step => update?.Invoke(row, step),
                (step, image) => update?.Invoke(row, new ReplyUpdate.Preview(number, step, image)), progress);
            int told = 0;
            foreach (JobState state in task.Steps())
            {
                for (; told < task.Pictures.Count; told++)
                {
                    update?.Invoke(row, new ReplyUpdate.PictureFinished(task.Pictures[told]));
                }

                yield return state;
            }

            pictures.AddRange(task.Pictures);
        }

        if (pictures.Count > 0)
        {
            Reply said = Replies[row];
            Replies[row] = new PictureReply(said.Text, said.PlainText, said.TokenIds, said.Finish, pictures) { PromptTokenCount = said.PromptTokenCount };
        }
    }
}
