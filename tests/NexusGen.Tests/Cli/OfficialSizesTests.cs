using System.Diagnostics;
using System.Globalization;
using NexusGen.Cli.Core;
using NexusGen.Tests.Weights;
using Xunit.Abstractions;

namespace NexusGen.Tests.Cli;

/// <summary>
/// The official sizes within 12 GB: the command generates and edits in a separate process with sparse files of zeros in every
/// official shape. It takes minutes, so it is run by hand: <c>dotnet test -c Release --filter OfficialSizes</c>.
/// </summary>
[Collection(nameof(Alone))]
[Trait("Category", "Slow")]
public sealed class OfficialSizesTests(ITestOutputHelper log)
{
    private const long Budget = 12_000_000_000;

    private const string LanguageModel = """
        {
          "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
          "num_key_value_heads": 4, "vocab_size": 152064, "max_position_embeddings": 128000, "rms_norm_eps": 1e-06,
          "rope_theta": 1000000.0, "rope_scaling": { "mrope_section": [16, 24, 24], "type": "mrope" },
          "tie_word_embeddings": false, "vision_start_token_id": 151652, "vision_end_token_id": 151653, "image_token_id": 151655,
          "vision_config": {
            "depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 3584
          }
        }
        """;

    private const string Clip = """
        {
          "hidden_act": "quick_gelu", "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12,
          "num_hidden_layers": 12, "vocab_size": 49408
        }
        """;

    private const string T5 = """
        {
          "feed_forward_proj": "gated-gelu", "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_heads": 64, "num_layers": 24,
          "vocab_size": 32128
        }
        """;

    [Fact]
    public async Task DrawsAndEditsWithinTwelveGigabytes()
    {
        using var folder = new TemporaryFolder();
        string model = folder["model"];
        Write(model);
        foreach (string place in SparseOfficialFiles.Places.Values)
        {
            CliRun listed = await CliRun.Of("inspect", Path.Combine(model, place));
            Assert.Equal((0, ""), (listed.Code, listed.Error));
        }

        string[] common =
        [
            "--model", model, "--memory-budget", "12GB", "--steps", "1", "--force-drawing", "--max-new-tokens", "1", "--timings"
        ];
        await Run(folder["drawn.png"], ["generate", "a cat", "--cfg-scale", "3", "--width", "512", "--height", "512", .. common]);
        await Run(
            folder["edited.png"],
            ["edit", "Add a hat", "--image", CliRun.Picture("cat.png"), "--width", "512", "--height", "512", .. common]);
    }

    private async Task Run(string output, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "NexusGen.Cli.dll"), .. arguments, "--output", output
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        long most = 0;
        while (!process.WaitForExit(100))
        {
            most = Math.Max(most, AnonymousMemory(process.Id));
        }

        log.WriteLine($"nexusgen {string.Join(' ', arguments[..2])}: {most / 1e9:0.00} GB beyond the page cache at most");
        log.WriteLine(await error);
        Assert.Equal(ExitCode.Success, process.ExitCode);
        Assert.True(File.Exists(output));
        Assert.InRange(most, 1_000_000_000, Budget);
    }

    // Resident memory that belongs to no file: RssAnon of Linux, in kibibytes.
    private static long AnonymousMemory(int id)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{id}/status")
                .FirstOrDefault(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
            return line is null
                ? 0
                : long.Parse(
                    line.AsSpan(8, line.Length - 8 - 3),
                    NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static void Write(string model)
    {
        SparseOfficialFiles.Write(model);
        string tokenizers = Path.Combine(ReferenceFolder.Path, "tokenizers"),
            reference = Path.Combine(ReferenceFolder.Path, "models", "tiny");
        string language = Path.Combine(model, "Nexus-GenV2"), flux = Path.Combine(model, "FLUX", "FLUX.1-dev");
        Copy(Path.Combine(tokenizers, "qwen2.5"), language);
        Copy(Path.Combine(tokenizers, "clip"), Path.Combine(flux, "tokenizer"));
        Copy(Path.Combine(tokenizers, "t5"), Path.Combine(flux, "tokenizer_2"));
        File.Copy(
            Path.Combine(reference, "Nexus-GenV2", "preprocessor_config.json"),
            Path.Combine(language, "preprocessor_config.json"));
        File.WriteAllText(Path.Combine(language, "config.json"), LanguageModel);
        File.WriteAllText(
            Path.Combine(language, "generation_config.json"),
            """{ "eos_token_id": [151645, 151643], "temperature": 1e-06, "repetition_penalty": 1.05 }""");
        File.WriteAllText(Path.Combine(flux, "text_encoder", "config.json"), Clip);
        File.WriteAllText(Path.Combine(flux, "text_encoder_2", "config.json"), T5);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }
}
