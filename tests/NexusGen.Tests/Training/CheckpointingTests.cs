using System.Runtime.InteropServices;
using NexusGen.Torch.Native;
using NexusGen.Training.Gradients;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

public class CheckpointingTests
{
    private const int Depth = 8;

    [Fact]
    public void GradientsAreThoseOfThePlainPass()
    {
        using var scope = NewDisposeScope();
        Block[] blocks = Blocks(width: 16);
        Tensor start = randn([5, 16], generator: new Generator(3)), condition = randn([5, 16], generator: new Generator(4));
        Tensor[] plain = Gradients(blocks, start, condition, checkpointed: false);
        Tensor[] checkpointed = Gradients(blocks, start, condition, checkpointed: true);
        Assert.Equal(plain.Length, checkpointed.Length);
        for (int i = 0; i < plain.Length; i++)
        {
            Assert.True(plain[i].abs().sum().item<float>() > 0);
            Assert.Equal(plain[i].data<float>().ToArray(), checkpointed[i].data<float>().ToArray());
        }
    }

    [Fact]
    public void ParametersAreReachedWhereNoInputHasAGradient()
    {
        using var scope = NewDisposeScope();
        Block block = Blocks(width: 4)[0];
        GradientCheckpointing.Backward(GradientCheckpointing.Run(x => block.Forward(x, x), ones(2, 4)).sum());
        Assert.All(block.Parameters, parameter => Assert.NotNull(parameter.Value.grad));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ActivationsAreNotKeptUntilTheBackwardPass(bool checkpointed)
    {
        using var scope = NewDisposeScope();
        Tensor start = ones(4).requires_grad_();
        List<Memory> activations = [];
        Tensor Block(Tensor x)
        {
            var memory = new Memory(4);
            activations.Add(memory);
            using Tensor activation = NativeTensors.Over(memory.Address, [4], ScalarType.Float32, memory);
            memory.Dispose();
            return x * activation;
        }

        Tensor output = checkpointed ? GradientCheckpointing.Run(Block, start) : Block(start);
        Assert.Equal(checkpointed, Assert.Single(activations).Released);
        GradientCheckpointing.Backward(output.sum());
        Assert.All(activations, memory => Assert.True(memory.Released));
        Assert.Equal([2f, 2f, 2f, 2f], start.grad!.data<float>().ToArray());
    }

    [Fact]
    public void WhatABlockRaisesTheSecondTimeReachesTheCaller()
    {
        using var scope = NewDisposeScope();
        Tensor start = ones(3).requires_grad_();
        int calls = 0;
        Tensor output = GradientCheckpointing.Run(x => ++calls == 1 ? x * 2 : throw new InvalidDataException("gone"), start);
        Assert.Equal("gone", Assert.Throws<InvalidDataException>(() => GradientCheckpointing.Backward(output.sum())).Message);
        GradientCheckpointing.Backward((start * 3).sum());
    }

    // The last block fails while another thread runs a backward pass of its own, and before the first block is recomputed.
    [Fact]
    public async Task AFailureBelongsToItsOwnBackwardPass()
    {
        using var failed = new ManualResetEventSlim();
        using var over = new ManualResetEventSlim();
        Task failing = Task.Run(() =>
        {
            int passes = 0;
            using var scope = NewDisposeScope();
            Tensor first = GradientCheckpointing.Run(
                x =>
                {
                    if (passes > 0)
                    {
                        failed.Set();
                        over.Wait(TimeSpan.FromSeconds(60));
                    }

                    return x * 2;
                },
                ones(2, 2, requires_grad: true));
            Tensor last = GradientCheckpointing.Run(
                x => passes++ == 0 ? x * 3 : throw new InvalidDataException("gone"),
                first);
            Tensor other = first * 5;
            Assert.Equal(
                "gone",
                Assert.Throws<InvalidDataException>(() => GradientCheckpointing.Backward(last.sum() + other.sum())).Message);
        });
        Assert.True(failed.Wait(TimeSpan.FromSeconds(60)));
        using (var scope = NewDisposeScope())
        {
            Tensor start = ones(2, 2, requires_grad: true);
            GradientCheckpointing.Backward((start * 3).sum());
            Assert.Equal(3, start.grad![0, 0].item<float>());
        }

        over.Set();
        await failing;
    }

    [Fact]
    public void WithoutGradientsTheBlockJustRuns()
    {
        using var scope = NewDisposeScope();
        using IDisposable inference = no_grad();
        int calls = 0;
        Tensor output = GradientCheckpointing.Run(
            x =>
            {
                calls++;
                return x + 1;
            },
            zeros(2));
        Assert.Equal([1f, 1f], output.data<float>().ToArray());
        Assert.Equal(1, calls);
    }

    private static Block[] Blocks(int width)
    {
        var source = new WeightSource(new RandomWeights(5), LoadOptions.Reference);
        Block[] blocks = [.. Enumerable.Range(0, Depth).Select(i => new Block(source[i], width))];
        foreach (Parameter parameter in blocks.SelectMany(block => block.Parameters))
        {
            parameter.Value.requires_grad = true;
        }

        return blocks;
    }

    private static Tensor Forward(Block[] blocks, Tensor x, Tensor condition, bool checkpointed)
    {
        foreach (Block block in blocks)
        {
            x = checkpointed
                ? GradientCheckpointing.Run(inputs => [block.Forward(inputs[0], inputs[1])], x, condition)[0]
                : block.Forward(x, condition);
        }

        return x;
    }

    private static Tensor[] Gradients(Block[] blocks, Tensor start, Tensor condition, bool checkpointed)
    {
        Tensor x = start.clone().requires_grad_(), c = condition.clone().requires_grad_();
        Parameter[] parameters = [.. blocks.SelectMany(block => block.Parameters)];
        foreach (Parameter parameter in parameters)
        {
            parameter.Value.grad = null;
        }

        GradientCheckpointing.Backward(Forward(blocks, x, c, checkpointed).square().mean());
        return [.. parameters.Select(parameter => parameter.Value.grad!.clone()), x.grad!, c.grad!];
    }

    /// <summary>Memory filled with twos that records its release.</summary>
    private sealed unsafe class Memory : SafeHandle
    {
        public Memory(int count)
            : base(0, ownsHandle: true)
        {
            handle = (nint)NativeMemory.Alloc((nuint)count, sizeof(float));
            new Span<float>((void*)handle, count).Fill(2);
        }

        public nint Address => handle;

        public bool Released { get; private set; }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            NativeMemory.Free((void*)handle);
            Released = true;
            return true;
        }
    }

    private sealed class Block : Module
    {
        private readonly Linear _up;
        private readonly Linear _down;

        public Block(WeightSource source, int width)
            : base(source)
        {
            _up = Own(new Linear(source["up"], width, 2 * width));
            _down = Own(new Linear(source["down"], 2 * width, width));
        }

        public Tensor Forward(Tensor x, Tensor condition)
        {
            using var scope = NewDisposeScope();
            return (x + _down.Forward(_up.Forward(x + condition).tanh())).MoveToOuterDisposeScope();
        }
    }
}
