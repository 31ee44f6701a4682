using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Images;
using NexusGen.Cli.Output;
using NexusGen.Cli.Progress;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Batch;

/// <summary>
/// Generates the images of all prompts of a file, in order. Existing images are skipped, so a run that was stopped can be
/// repeated. A prompt that fails is reported and the others continue; an image file that can't be written ends the run.
/// </summary>
/// <param name="output">The command's output.</param>
/// <param name="file">The prompts.</param>
/// <param name="size">The number of prompts in a batch; 1 for edits.</param>
/// <param name="edit">Creates the edit of a job whose image was read, or null if the jobs generate images.</param>
internal sealed class BatchRun(
    CommandOutput output, PromptFile file, int size, Func<PromptJob, RgbImage, EditRequest>? edit = null)
{
    private readonly JsonArray _results = [];
    private int _skipped;
    private int _failed;

    /// <summary>Generates the missing images.</summary>
    /// <param name="open">Opens the model. It is not called if no image is missing.</param>
    /// <param name="cancellationToken">Cancels the run between two steps; finished images are kept.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(Func<NexusGenModel> open, CancellationToken cancellationToken)
    {
        foreach (string problem in file.Problems)
        {
            output.WriteError(problem);
        }

        PromptJob[] missing = [.. file.Jobs.Where(job => !Skip(job))];
        if (missing.Length > 0)
        {
            await DrawAsync(missing, open, cancellationToken);
        }

        int failed = _failed + file.Problems.Count;
        output.WriteLine($"{missing.Length - _failed} generated, {_skipped} skipped, {failed} failed");
        output.WriteJson(new JsonObject
        {
            ["drawn"] = missing.Length - _failed,
            ["skipped"] = _skipped,
            ["failed"] = failed,
            ["results"] = _results,
            ["broken_lines"] = new JsonArray([.. file.Problems.Select(problem => (JsonNode)problem)]),
        });
        return failed > 0 ? ExitCode.Failed : ExitCode.Success;
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

    private async Task DrawAsync(
        NexusGenModel model, PromptJob[] jobs, IProgress<ProgressReport> progress, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<Reply> replies = edit is null
                ? await model.GenerateAsync([.. jobs.Select(job => job.Request)], progress, cancellationToken)
                : [await model.EditAsync(edit(jobs[0], Source(jobs[0])), progress, cancellationToken)];
            foreach ((PromptJob job, Reply reply) in jobs.Zip(replies))
            {
                Save(job, reply, model.Paths.Root);
            }
        }
        catch (NexusGenException) when (jobs.Length > 1)
        {
            // One prompt makes the batch fail; running each prompt alone shows which one.
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
        if (reply.Images.Count == 0)
        {
            Fail(job, "the model replied without an image; use --force-drawing to force one");
            return;
        }

        var saver = new ImageSaver(job.Name.At, new ImageMetadata(TextKey, job.Request.Description, model));
        foreach (OutputImage picture in reply.Images)
        {
            output.WriteLine(saver.Save(picture));
        }

        _results.Add((JsonNode)new JsonObject
        {
            ["line"] = job.Line,
            ["status"] = "drawn",
            ["text"] = reply.Text,
            ["pictures"] = saver.Saved.DeepClone()
        });
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
            output.WriteNote(
                $"Note: line {job.Line} is skipped, but {job.Name.Path} was generated from a different prompt; delete the file "
                + "to generate it again.");
        }

        return true;
    }

    private bool MadeFromAnotherPrompt(PromptJob job)
    {
        try
        {
            return ImageFile.ReadParameters(job.Name.Path).TryGetValue(TextKey, out string? prompt)
                && prompt != ImageMetadata.Cut(job.Request.Description);
        }
        catch (ImagingException)
        {
            return false;
        }
    }

    // An image that can't be read concerns its line only.
    private static RgbImage Source(PromptJob job)
    {
        try
        {
            return ImageFile.Read(job.Image!);
        }
        catch (ImagingException e)
        {
            throw new NexusGenException(e.Message, e);
        }
    }

    private string TextKey => edit is null ? "prompt" : "instruction";

    private void Fail(PromptJob job, string reason)
    {
        _failed++;
        output.WriteError($"line {job.Line}: {reason}");
        _results.Add((JsonNode)new JsonObject { ["line"] = job.Line, ["status"] = "failed", ["error"] = reason });
    }

    // Adds to each report which prompt is being processed.
    private sealed class Numbered(ProgressDisplay display, string place) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => display.Report(value with { Detail = $"{value.Detail} {place}".Trim() });
    }
}
