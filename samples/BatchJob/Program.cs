// Draws each line of a file: BatchJob PROMPTS OUTPUT [MODEL]. Several lines share the model's passes. What is drawn already is left
// out, so that a job that was stopped goes on; what fails is told at the end.
using System.Collections.Concurrent;
using NexusGen;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;

if (args is not [string list, string output, ..])
{
    Console.Error.WriteLine("BatchJob PROMPTS OUTPUT [MODEL]: a file with a prompt a line, the folder to draw into, and a model's folder.");
    return 2;
}

if (!File.Exists(list))
{
    Console.Error.WriteLine($"There is no file {list}: name one with a prompt a line.");
    return 1;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

const int together = 8;
using NexusGenModel model = NexusGenModel.Open(args.ElementAtOrDefault(2) ?? Path.Combine("models", "nexus-gen-tiny"), new NexusGenOptions { MaxBatch = together });
Directory.CreateDirectory(output);
(string Prompt, string File)[] jobs =
[
    .. File.ReadLines(list).Where(line => !string.IsNullOrWhiteSpace(line)).Select((line, i) => (line.Trim(), Path.Combine(output, $"{i + 1:D4}.png"))),
];
(string Prompt, string File)[] open = [.. jobs.Where(job => !File.Exists(job.File))];
ConcurrentQueue<string> failed = [];
int done = jobs.Length - open.Length;
Console.WriteLine($"{jobs.Length} prompts, {done} drawn before");
try
{
    await Parallel.ForEachAsync(open, new ParallelOptions { MaxDegreeOfParallelism = together, CancellationToken = stop.Token }, async (job, cancellation) =>
    {
        Reply reply = await model.GenerateAsync(new GenerateRequest(job.Prompt), cancellationToken: cancellation);
        if (reply is PictureReply { Pictures: [DrawnPicture picture, ..] })
        {
            // Written as a whole or not at all: a file that is there is finished.
            ImageFile.Write(job.File, picture.Image, new ImageWriteOptions { Parameters = new Dictionary<string, string> { ["prompt"] = job.Prompt } });
            Console.WriteLine($"{Interlocked.Increment(ref done)}/{jobs.Length} {job.File}: {job.Prompt}");
        }
        else
        {
            failed.Enqueue($"{job.Prompt}: the model answered with words alone: {reply.Text}");
        }
    });
}
catch (OperationCanceledException)
{
    Console.WriteLine("stopped; the same command goes on");
    return 130;
}

foreach (string line in failed)
{
    Console.Error.WriteLine(line);
}

return failed.IsEmpty ? 0 : 1;
