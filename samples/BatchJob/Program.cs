// Generates an image for each line of a file: BatchJob PROMPTS OUTPUT [MODEL]. Several prompts share the model's forward passes.
// Existing images are skipped, so a job that was stopped can be repeated. Prompts that are answered without an image are reported
// at the end.
using System.Collections.Concurrent;
using NexusGen;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;

if (args is not [string list, string output, ..])
{
    Console.Error.WriteLine(
        "Usage: BatchJob PROMPTS OUTPUT [MODEL], with a file of one prompt per line, an output folder and a model folder.");
    return 2;
}

if (!File.Exists(list))
{
    Console.Error.WriteLine($"The file {list} does not exist; specify one with one prompt per line.");
    return 1;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

const int together = 8;
using NexusGenModel model = NexusGenModel.Open(
    args.ElementAtOrDefault(2) ?? Path.Combine("models", "nexus-gen-tiny"),
    new NexusGenOptions { MaxBatch = together });
Directory.CreateDirectory(output);
(string Prompt, string File)[] jobs =
[
    .. File.ReadLines(list).Where(line => !string.IsNullOrWhiteSpace(line))
        .Select((line, i) => (line.Trim(), Path.Combine(output, $"{i + 1:D4}.png"))),
];
(string Prompt, string File)[] open = [.. jobs.Where(job => !File.Exists(job.File))];
ConcurrentQueue<string> failed = [];
int done = jobs.Length - open.Length;
Console.WriteLine($"{jobs.Length} prompts, {done} already generated");
try
{
    await Parallel.ForEachAsync(
        open,
        new ParallelOptions { MaxDegreeOfParallelism = together, CancellationToken = stop.Token },
        async (job, cancellation) =>
        {
            Reply reply = await model.GenerateAsync(new GenerateRequest(job.Prompt), cancellationToken: cancellation);
            if (reply is { Images: [OutputImage picture, ..] })
            {
                // The file is either complete or not written at all: an existing file is finished.
                ImageFile.Write(
                    job.File,
                    picture.Image,
                    new ImageWriteOptions { Parameters = new Dictionary<string, string> { ["prompt"] = job.Prompt } });
                Console.WriteLine($"{Interlocked.Increment(ref done)}/{jobs.Length} {job.File}: {job.Prompt}");
            }
            else
            {
                failed.Enqueue($"{job.Prompt}: the model replied without an image: {reply.Text}");
            }
        });
}
catch (OperationCanceledException)
{
    Console.WriteLine("Interrupted; the same command continues.");
    return 130;
}

foreach (string line in failed)
{
    Console.Error.WriteLine(line);
}

return failed.IsEmpty ? 0 : 1;
