using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Output;
using NexusGen.Cli.Pictures;
using NexusGen.Cli.Progress;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Batch;

/// <summary>
/// Draws all prompts of a file, in order. What is there already is skipped, so a run that was ended goes on where it stopped; a
/// prompt that fails is told of and doesn't keep the others from being drawn.
/// </summary>
/// <param name="output">What the command says.</param>
/// <param name="file">The prompts.</param>
/// <param name="size">How many replies are written at a time.</param>
internal sealed class BatchRun(CommandOutput output, PromptFile file, int size)
{
    private readonly JsonArray _results = [];
    private int _skipped;
    private int _failed;

    /// <summary>Draws what is missing.</summary>
    /// <param name="open">Opens the model; not called where nothing is missing.</param>
    /// <param name="cancellationToken">Ends it within one step; finished pictures stay.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(Func<NexusGenModel> open, CancellationToken cancellationToken)
    {
        foreach (string problem in file.Problems)
        {
            output.Problem(problem);
        }

        PromptJob[] missing = [.. file.Jobs.Where(job => !Skip(job))];
        if (missing.Length > 0)
        {
            await DrawAsync(missing, open, cancellationToken);
        }

        int failed = _failed + file.Problems.Count;
        output.Line($"{missing.Length - _failed} drawn, {_skipped} skipped, {failed} failed");
        output.Json(new JsonObject
        {
            ["drawn"] = missing.Length - _failed,
            ["skipped"] = _skipped,
            ["failed"] = failed,
            ["results"] = _results,
            ["broken_lines"] = new JsonArray([.. file.Problems.Select(problem => (JsonNode)problem)]),
        });
        return failed > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    private async Task DrawAsync(PromptJob[] missing, Func<NexusGenModel> open, CancellationToken cancellationToken)
    {
        List<OutputFolder> folders = [];
        try
        {
            folders.AddRange(missing.Select(job => job.Name.Folder).Distinct().Select(folder => new OutputFolder(folder)));
            using NexusGenModel model = open();
            using var progress = output.Progress();
            var rest = new RemainingTime(missing.Length, TimeProvider.System);
            int done = 0;
            foreach (PromptJob[] jobs in missing.Chunk(size))
            {
                var numbered = new Numbered(progress, $"(prompt {done + 1} of {missing.Length}{rest})");
                await DrawAsync(model, jobs, numbered, cancellationToken);
                done += jobs.Length;
                rest.Done(jobs.Length);
                progress.Pause();
            }
        }
        finally
        {
            folders.Reverse();
            folders.ForEach(folder => folder.Dispose());
        }
    }

    private async Task DrawAsync(NexusGenModel model, PromptJob[] jobs, IProgress<ProgressReport> progress, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<Reply> replies = await model.GenerateAsync([.. jobs.Select(job => job.Request)], progress, cancellationToken);
            foreach ((PromptJob job, Reply reply) in jobs.Zip(replies))
            {
                Save(job, reply, model.Paths.Root);
            }
        }
        catch (NexusGenException) when (jobs.Length > 1)
        {
            // One prompt spoils the batch; alone, each shows whether it is the one.
            foreach (PromptJob job in jobs.Where(job => !job.IsDone))
            {
                await DrawAsync(model, [job], progress, cancellationToken);
            }
        }
        catch (NexusGenException e) when (e is not ImagingException)
        {
            Fail(jobs[0], e.Message);
        }
    }

    private void Save(PromptJob job, Reply reply, string model)
    {
        if (reply is not PictureReply drawn)
        {
            Fail(job, "the model answered without a picture; --force-drawing makes it draw");
            return;
        }

        var saver = new PictureSaver(job.Name.At, new PictureParameters("prompt", job.Request.Description, model));
        foreach (DrawnPicture picture in drawn.Pictures)
        {
            output.Line(saver.Save(picture));
        }

        _results.Add((JsonNode)new JsonObject { ["line"] = job.Line, ["status"] = "drawn", ["text"] = reply.Text, ["pictures"] = saver.Saved.DeepClone() });
    }

    private bool Skip(PromptJob job)
    {
        if (!job.IsDone)
        {
            return false;
        }

        _skipped++;
        _results.Add((JsonNode)new JsonObject { ["line"] = job.Line, ["status"] = "skipped", ["file"] = job.Name.Path });
        if (MadeFromAnotherPrompt(job))
        {
            output.Note($"Note: line {job.Line} is skipped, but {job.Name.Path} was drawn from another prompt; delete it to draw it again.");
        }

        return true;
    }

    private static bool MadeFromAnotherPrompt(PromptJob job)
    {
        try
        {
            return ImageFile.ReadParameters(job.Name.Path).TryGetValue("prompt", out string? prompt)
                && prompt != PictureParameters.Cut(job.Request.Description);
        }
        catch (ImagingException)
        {
            return false;
        }
    }

    private void Fail(PromptJob job, string reason)
    {
        _failed++;
        output.Problem($"line {job.Line}: {reason}");
        _results.Add((JsonNode)new JsonObject { ["line"] = job.Line, ["status"] = "failed", ["error"] = reason });
    }

    // Says which of the prompts is at work.
    private sealed class Numbered(ProgressDisplay display, string place) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => display.Report(value with { Detail = $"{value.Detail} {place}".Trim() });
    }
}
